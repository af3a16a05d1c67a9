import type { Graph, Node } from './graph.ts';
import { inferGraph } from './graph.ts';

/**
 * How a product is computed: in float32; so with weights that lie in half precision; or in 8 bits. All else is float32, and so are the
 * sums of the first two.
 */
export const computes = ['float32', 'float16', 'int8'] as const;
export type Compute = (typeof computes)[number];

/** Steps between the lowest and the highest value of a row: 7 bits, so that two products of 8 bits fit into 16. */
const rowSteps = 127;
/** Of a weight: symmetric, 8 bits. */
const weightSteps = 127;
/** Weights below it, and rows whose values lie closer together, are zeros. */
const smallest = 1e-30;
const largest = 3e38;
/** A longer sum might leave 32 bits: 127 · 128 · 131072 < 2³¹. */
const longestSum = 131072;

/** A kernel in 8 bits: `kernel ≈ values · scales[channel]`, in the order of the kernel, output channels last. */
export interface Int8Kernel {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

/** A row of a product in 7 bits: `row ≈ (values − zero) · scale`, values from 0 to 127. */
export interface Int8Row {
  readonly values: Uint8Array;
  readonly scale: number;
  readonly zero: number;
}

/** Rounds a kernel to 8 bits with a scale per output channel (the last axis): 127 is the channel's largest magnitude. */
export function int8Kernel(kernel: Float32Array, channels: number): Int8Kernel {
  const scales = new Float32Array(channels);
  for (let i = 0; i < kernel.length; i++) {
    const c = i % channels;
    scales[c] = Math.max(scales[c], Math.abs(kernel[i]));
  }
  scales.forEach((value, c) => {
    scales[c] = value < smallest ? 0 : value / weightSteps;
  });
  const values = new Int8Array(kernel.length);
  for (let i = 0; i < kernel.length; i++) {
    const scale = scales[i % channels];
    if (scale > 0) values[i] = Math.round(kernel[i] / scale);
  }
  return { values, scales };
}

/** The sum of a kernel's values per output channel: what a row's zero is multiplied by. */
export function int8Sums({ values, scales }: Int8Kernel): Int32Array {
  const sums = new Int32Array(scales.length);
  for (let i = 0; i < values.length; i++) sums[i % sums.length] += values[i];
  return sums;
}

const nearestEven = (value: number): number => {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
};

/**
 * Rounds a row to 7 bits; its range is that of its values and 0, which is exact. Each operation is rounded to float32, so
 * that engines can do the same bit by bit. Where a value is not finite the scale is NaN.
 */
export function int8Row(row: Float32Array): Int8Row {
  let low = 0;
  let high = 0;
  let hasNaN = false;
  for (const value of row) {
    if (value < low) low = value;
    if (value > high) high = value;
    if (Number.isNaN(value)) hasNaN = true;
  }
  const range = Math.fround(high - low);
  const values = new Uint8Array(row.length);
  if (hasNaN || !(range < largest)) return { values, scale: Number.NaN, zero: 0 };
  if (range <= smallest) return { values, scale: 0, zero: 0 };
  const inverse = Math.fround(rowSteps / range);
  const zero = nearestEven(Math.fround((0 - low) * inverse));
  for (let i = 0; i < row.length; i++) {
    values[i] = Math.min(rowSteps, nearestEven(Math.fround(row[i] * inverse) + zero));
  }
  return { values, scale: Math.fround(range / rowSteps), zero };
}

const isProduct = ({ op }: Node): boolean => op.kind === 'conv2d' || op.kind === 'dense';

/**
 * The nodes that `int8` computes in 8 bits: ordinary and pointwise convolutions and dense layers, but for those that read an input
 * of the network. Depthwise convolutions stay in float32.
 */
export function int8Products(graph: Graph): ReadonlySet<string> {
  const ports = inferGraph(graph);
  const names = new Set<string>();
  for (const node of graph.nodes) {
    const [input] = node.inputs;
    if (!isProduct(node) || Object.hasOwn(graph.inputs, input)) continue;
    const taps = node.op.kind === 'conv2d' ? node.op.kernel[0] * node.op.kernel[1] : 1;
    if (taps * ports.get(input)!.shape.at(-1)! <= longestSum) names.add(node.name);
  }
  return names;
}
