import { filledModel } from '@atrous/golden';
import { findNetwork, type LoadedModel, modelFromWeights, type NetworkOptions } from '@atrous/zoo';
import type { Pixels } from '../../segmenter/src/pixels.ts';

/** A network with generated weights, under our own names. */
export async function filled(network: string, options: NetworkOptions = {}): Promise<LoadedModel> {
  const { graph } = await findNetwork(network, options);
  return modelFromWeights(filledModel(graph).weights, { network, source: 'atrous', options });
}

/** An Xception that runs in a moment. */
export const tiny: NetworkOptions = { encoder: { widthMultiplier: 1 / 32, channelDivisor: 2 } };

/** A picture of one colour, with a dark corner. */
export function picture(width: number, height: number, colour: readonly [number, number, number]): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.set(i < 20 ? [0, 0, 0] : colour, i * 3);
  return { width, height, data };
}
