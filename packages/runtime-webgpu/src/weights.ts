import {
  type Compute,
  type FoldedModel,
  type Int8Kernel,
  inferGraph,
  int8Kernel,
  int8Sums,
  type Node,
  type Op,
  type OpTable,
  readWeight,
  ruleOf,
  type WeightSource,
} from '@atrous/graph';
import { batchNormAffine, dispatch, inputsOf } from '@atrous/graph/lowering';
import { AtrousError, toHalf } from '@atrous/tensor';

/** Channels lie padded to multiples of 4: what a GPU reads at once. The gap meets weights of 0. */
export const padded = (channels: number): number => Math.ceil(channels / 4) * 4;

/** Rows of a packed matrix for a vector of four channels, and rows after it, by what a product is computed in. */
export const packing: Readonly<Record<Compute, { readonly rows: number; readonly after: number }>> = {
  float32: { rows: 4, after: 1 },
  float16: { rows: 2, after: 1 },
  int8: { rows: 1, after: 3 },
};

/** Columns of a product whose weights lie in one buffer, and how that is called. */
export interface ColumnRange {
  readonly name: string;
  readonly begin: number;
  readonly end: number;
}

/**
 * Divides the columns of a product where its weights are larger than a buffer may be.
 * @param vectors of a matrix's rows, of four each
 */
export function columnRanges(
  name: string,
  columns: number,
  vectors: number,
  compute: Compute,
  mostBytes: number,
): readonly ColumnRange[] {
  const { rows, after } = packing[compute];
  const each = Math.max(4, Math.floor(mostBytes / (vectors * rows + after) / 16) * 4);
  return Array.from({ length: Math.ceil(columns / each) }, (_, i) => ({
    name: i === 0 ? name : `${name}, part ${i + 1}`,
    begin: i * each,
    end: Math.min(columns, (i + 1) * each),
  }));
}

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

type Words = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Calls `put` for each weight with its row and column of the packed matrix: as many rows as padded inputs for each tap. */
function placeWeights(
  { taps, inputs, depth, outputs }: Rows,
  put: (row: number, column: number, index: number) => void,
): void {
  for (let tap = 0; tap < taps; tap++)
    for (let k = 0; k < inputs; k++)
      for (let n = 0; n < outputs; n++) put(tap * depth + k, n, (tap * inputs + k) * outputs + n);
}

const isProduct = ({ kind }: Op): boolean => kind === 'conv2d' || kind === 'dense';

/** Some columns of a matrix that has `outputs` of them. */
function columnsOf<T extends Float32Array | Int8Array>(
  matrix: T,
  outputs: number,
  { begin, end }: ColumnRange,
): T {
  const width = Math.min(end, outputs) - begin;
  const part = new (matrix.constructor as new (length: number) => T)((matrix.length / outputs) * width);
  for (let from = begin, to = 0; to < part.length; from += outputs, to += width)
    part.set(matrix.subarray(from, from + width) as T, to);
  return part;
}

const isWhole = (outputs: number, { begin, end }: ColumnRange): boolean => begin === 0 && end >= outputs;

function partOf(rows: Rows, range: ColumnRange): Rows {
  const { matrix, last, outputs } = rows;
  if (isWhole(outputs, range)) return rows;
  return {
    ...rows,
    matrix: columnsOf(matrix, outputs, range),
    outputs: Math.min(range.end, outputs) - range.begin,
    ...(last && { last: last.slice(range.begin, range.end) }),
  };
}

const int8Part = ({ values, scales }: Int8Kernel, outputs: number, range: ColumnRange): Int8Kernel =>
  isWhole(outputs, range)
    ? { values, scales }
    : { values: columnsOf(values, outputs, range), scales: scales.slice(range.begin, range.end) };

/** Rows of padded output channels, then the row that is added. */
function packFloats(rows: Rows): Float32Array<ArrayBuffer> {
  const columns = padded(rows.outputs);
  const end = rows.taps * rows.depth * columns;
  const packed = new Float32Array(end + columns);
  placeWeights(rows, (row, column, i) => {
    packed[row * columns + column] = plain(rows.matrix[i]);
  });
  if (rows.last) packed.set(rows.last, end);
  return packed;
}

/** Pairs of rows in half precision, the even one in the lower bits, then the row that is added in float32. @throws AtrousError `unsupported` */
function packHalves(name: string, rows: Rows): Uint32Array<ArrayBuffer> {
  const columns = padded(rows.outputs);
  const end = (rows.taps * rows.depth * columns) / 2;
  const packed = new Uint32Array(end + columns);
  placeWeights(rows, (row, column, i) => {
    const half = toHalf(rows.matrix[i]);
    if ((half & 0x7c00) === 0x7c00) {
      throw new AtrousError(
        'unsupported',
        `webgpu: weight ${rows.matrix[i]} of "${name}" is beyond half precision (65504): take compute 'float32'`,
      );
    }
    packed[(row >> 1) * columns + column] |= half << (16 * (row & 1));
  });
  if (rows.last) new Float32Array(packed.buffer).set(rows.last, end);
  return packed;
}

/** Words of four rows in 8 bits, then the sums of columns, their scales and the row that is added. */
function packInt8(rows: Rows, { values, scales }: Int8Kernel): Uint32Array<ArrayBuffer> {
  const columns = padded(rows.outputs);
  const end = (rows.taps * rows.depth * columns) / 4;
  const packed = new Uint32Array(end + 3 * columns);
  placeWeights(rows, (row, column, i) => {
    packed[(row >> 2) * columns + column] |= (values[i] & 0xff) << (8 * (row & 3));
  });
  packed.set(int8Sums({ values, scales }), end);
  const floats = new Float32Array(packed.buffer);
  floats.set(scales, end + columns);
  if (rows.last) floats.set(rows.last, end + 2 * columns);
  return packed;
}

/**
 * The weights of every node that has some, as its kernel reads them, one node at a time: nothing keeps them.
 * @throws AtrousError `weights`; `unsupported` for what half precision cannot hold
 */
export async function* packWeights(
  { graph, weights }: FoldedModel,
  computeOf: (node: string) => Compute,
  mostBytes: number,
): AsyncGenerator<{ readonly name: string; readonly data: Words }> {
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
    if (!rows) continue;
    const { name, op } = node;
    const compute = isProduct(op) ? computeOf(name) : 'float32';
    const kernel =
      compute === 'int8'
        ? ((await weights.readInt8(`${name}/kernel`)) ?? int8Kernel(rows.matrix, rows.outputs))
        : undefined;
    const ranges = isProduct(op)
      ? columnRanges(name, padded(rows.outputs), (rows.taps * rows.depth) / 4, compute, mostBytes)
      : [{ name, begin: 0, end: padded(rows.outputs) }];
    for (const range of ranges) {
      const part = partOf(rows, range);
      if (kernel) yield { name: range.name, data: packInt8(part, int8Part(kernel, rows.outputs, range)) };
      else
        yield { name: range.name, data: compute === 'float16' ? packHalves(name, part) : packFloats(part) };
    }
  }
}
