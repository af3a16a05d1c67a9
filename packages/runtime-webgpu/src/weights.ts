import {
  inferGraph,
  type Model,
  type Node,
  type OpTable,
  readWeight,
  ruleOf,
  type WeightSource,
} from '@atrous/graph';
import { batchNormAffine, dispatch, inputsOf } from '@atrous/graph/lowering';

/** Channels lie padded to multiples of 4: what a GPU reads at once. The gap meets weights of 0. */
export const padded = (channels: number): number => Math.ceil(channels / 4) * 4;

/** What a node's weights are packed from: matrices of `inputs` × `outputs`, one per tap, and a row that is added. */
interface Rows {
  readonly matrix: Float32Array;
  readonly taps: number;
  readonly inputs: number;
  /** Rows of a packed matrix: `inputs`, padded where they are channels. */
  readonly depth: number;
  readonly outputs: number;
  readonly last?: Float32Array;
}

interface Reading {
  readonly node: Node;
  readonly channels: number;
  readonly weights: WeightSource;
  /** A weight by its leaf. */
  read(leaf: string): Promise<Float32Array>;
}

const none = async (): Promise<undefined> => undefined;

async function convolution(
  { read }: Reading,
  bias: boolean,
  layout: Omit<Rows, 'matrix' | 'last'>,
): Promise<Rows> {
  const [matrix, last] = await Promise.all([read('kernel'), bias ? read('bias') : undefined]);
  return { ...layout, matrix, last };
}

/** A row for each tap of a filter per channel. */
const perChannel = (taps: number, channels: number) => ({ taps, inputs: 1, depth: 1, outputs: channels });
const matrices = (taps: number, inputs: number, outputs: number) => {
  return { taps, inputs, depth: padded(inputs), outputs };
};

const readers: OpTable<[Reading], Promise<Rows | undefined>> = {
  conv2d: ({ bias, kernel, channels }, reading) =>
    convolution(reading, bias, matrices(kernel[0] * kernel[1], reading.channels, channels)),
  dense: ({ bias, units }, reading) => convolution(reading, bias, matrices(1, reading.channels, units)),
  depthwise_conv2d: ({ bias, kernel }, reading) =>
    convolution(reading, bias, perChannel(kernel[0] * kernel[1], reading.channels)),
  batch_norm: async (op, { node, channels, weights }) => {
    const { scale, shift } = await batchNormAffine(weights, node.name, op, channels);
    return { ...perChannel(1, channels), matrix: scale, last: shift };
  },
  scale: async ({ factor }, { channels }) => {
    return { ...perChannel(1, channels), matrix: new Float32Array(channels).fill(factor) };
  },
  activation: none,
  pool: none,
  global_average_pool: none,
  adaptive_average_pool: none,
  add: none,
  multiply: none,
  concat: none,
  resize_bilinear: none,
  softmax: none,
  arg_max: none,
};

/** Denormal weights are slow and mean nothing. */
const plain = (value: number): number => (Math.abs(value) < 1e-30 ? 0 : value);

/** Rows of padded output channels, as many as padded inputs for each tap, then the row that is added. */
function pack({ matrix, taps, inputs, depth, outputs, last }: Rows): Float32Array<ArrayBuffer> {
  const columns = padded(outputs);
  const packed = new Float32Array((taps * depth + 1) * columns);
  for (let tap = 0; tap < taps; tap++) {
    for (let k = 0; k < inputs; k++) {
      const from = (tap * inputs + k) * outputs;
      const to = (tap * depth + k) * columns;
      for (let n = 0; n < outputs; n++) packed[to + n] = plain(matrix[from + n]);
    }
  }
  if (last) packed.set(last, taps * depth * columns);
  return packed;
}

/** The weights of every node that has some, as its kernel reads them, one node at a time: nothing keeps them. @throws AtrousError `weights` */
export async function* packWeights({
  graph,
  weights,
}: Model): AsyncGenerator<{ readonly name: string; readonly data: Float32Array<ArrayBuffer> }> {
  const ports = inferGraph(graph);
  for (const node of graph.nodes) {
    const inputs = inputsOf(node, ports);
    const shapes = ruleOf(node.op).weights(node.op, inputs);
    const rows = await dispatch(readers, node.op, {
      node,
      channels: inputs[0].shape.at(-1)!,
      weights,
      read: (leaf) => readWeight(weights, `${node.name}/${leaf}`, shapes[leaf]),
    });
    if (rows) yield { name: node.name, data: pack(rows) };
  }
}
