import { fileURLToPath } from 'node:url';
import { filledModel } from '@atrous/golden';
import { castToFloat, cost, type Model } from '@atrous/graph';
import { xceptionFamily } from '@atrous/xception';
import { type Architecture, buildNetwork, loadModel, networkName, type Preprocess } from '@atrous/zoo';
import type { Network } from './contender.ts';

/** A network to be measured, with its weights. */
export interface Measurable {
  /** Of its files. */
  readonly folder: string;
  readonly network: Network;
  readonly model: Model;
  /** Of one run: two for each multiply-add. */
  readonly operations: number;
}

/** With generated weights, on which times do not depend. The first is the largest. */
const papers: readonly { folder: string; title: string; side: number; architecture: Architecture }[] = [
  {
    folder: 'xception65',
    title: 'DeepLabV3+ Xception-65',
    side: 513,
    architecture: {
      head: 'deeplabv3plus',
      encoder: { family: 'xception', variant: 'xception65' },
      classes: 21,
    },
  },
  {
    folder: 'xception',
    title: 'Xception',
    side: 299,
    architecture: { head: 'classifier', encoder: { family: 'xception', variant: 'xception' } },
  },
];

/** The models that ship, with their own weights. */
const shipped = ['people', 'people-small', 'street'] as const;

type Shape = Network['shape'];

function measurable(folder: string, title: string, shape: Shape, architecture: Architecture, model: Model) {
  const { head: _head, encoder, ...options } = architecture;
  return {
    folder,
    model,
    operations: 2 * cost(model.graph, { image: shape }).multiplyAdds,
    network: {
      name: `${title}, ${shape[1]}×${shape[2]}`,
      shape,
      checkpoint: {
        network: networkName(architecture),
        options: { ...options, ...(encoder.options && { encoder: encoder.options }) },
      },
    },
  };
}

/** The size that the model's own preparation makes of a picture of 4:3. */
function sizeOf({ size }: Preprocess): readonly [height: number, width: number] {
  if (size.mode === 'fixed') return [size.height, size.width];
  if (size.mode === 'original') return [360, 480];
  const side = (pixels: number) => Math.round(pixels / size.multipleOf) * size.multipleOf;
  return size.mode === 'longest-side'
    ? [side(size.pixels * 0.75), size.pixels]
    : [size.pixels, side(size.pixels / 0.75)];
}

async function shippedModel(name: string): Promise<Measurable> {
  const at = fileURLToPath(new URL(`../../packages/model-${name}/`, import.meta.url));
  const { config, ...model } = await loadModel(at);
  const shape = [1, ...sizeOf(config!.preprocess), 3] as const;
  return measurable(name, name, shape, config!.architecture, castToFloat(model));
}

/** All networks, the largest first. */
export async function measurables(): Promise<Measurable[]> {
  const filled = papers.map(({ folder, title, side, architecture }) => {
    const model = filledModel(buildNetwork(xceptionFamily, architecture));
    return measurable(folder, title, [1, side, side, 3], architecture, model);
  });
  return [...filled, ...(await Promise.all(shipped.map(shippedModel)))];
}
