import { buildGraph, type Encoder, type Graph, imageInput, type OutputStride } from '@atrous/graph';

/** An encoder alone: `image` to `features`. */
export const encoderGraph = (
  encoder: Encoder,
  { outputStride = 32, channels }: { outputStride?: OutputStride; channels?: number } = {},
): Graph =>
  buildGraph(imageInput(channels), (root, { image }) => ({
    features: encoder.build(root.child('encoder'), image, { outputStride }).last,
  }));
