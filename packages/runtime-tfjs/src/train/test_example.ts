import { filledModel, goldenImage } from '@atrous/golden';
import {
  activation,
  buildGraph,
  conv2d,
  imageInput,
  type Model,
  resizeLike,
  separableConv2d,
} from '@atrous/graph';
import { tensor } from '@atrous/tensor';
import type { Example } from './options.ts';

const epsilon = 1e-3;

/** A DeepLab in small: an encoder of two blocks, a head, a classifier of three classes. */
const model: Model = filledModel(
  buildGraph(imageInput(), (root, { image }) => {
    const options = { epsilon, norm: 'both', between: 'none' } as const;
    const encoder = root.child('encoder');
    const stem = conv2d(encoder.child('entry_flow/conv1'), image, {
      channels: 8,
      kernel: 3,
      stride: 2,
      bias: true,
    });
    const low = separableConv2d(
      encoder.child('entry_flow/block1'),
      activation(encoder.child('entry_flow/block1'), stem),
      {
        ...options,
        channels: 8,
      },
    );
    const high = separableConv2d(
      encoder.child('exit_flow/block1'),
      activation(encoder.child('exit_flow/block1'), low),
      {
        ...options,
        channels: 12,
        rate: 2,
      },
    );
    const head = root.child('decoder');
    const wide = activation(head, separableConv2d(head.child('conv1'), high, { ...options, channels: 12 }));
    const logits = conv2d(root.child('classifier'), wide, { channels: 3, bias: true });
    return { logits: resizeLike(root.child('resize'), logits, low, 'half-pixel') };
  }),
);
const last = model.graph.nodes.find(({ name }) => name.startsWith('classifier'))!.name;
/** The classifier stands last. */
export const tiny: Model = { ...model, graph: { ...model.graph, outputs: { logits: last } } };

/** Bright on the left of a line, dark on the right: two classes that can be learned. */
export function example(name: string, line: number): Example {
  const [height, width] = [24, 32];
  const image = goldenImage([1, height, width, 3]) as Example['image'];
  const data = new Float32Array(image.data);
  const labels = new Uint8Array(height * width);
  for (let i = 0; i < height * width; i++) {
    const isLeft = i % width < line;
    labels[i] = i % 97 === 0 ? 255 : isLeft ? 0 : 1;
    for (let c = 0; c < 3; c++) data[3 * i + c] = 0.3 * data[3 * i + c] + (isLeft ? 0.7 : -0.7);
  }
  return {
    name,
    image: tensor('float32', [1, height, width, 3], data),
    labels: { height, width, data: labels },
  };
}
