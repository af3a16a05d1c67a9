import { type BoundGraph, boundPadding, inputsOf, type Node, type OpKind, ruleOf } from '@atrous/graph';
import {
  AtrousError,
  bilinearTaps,
  bytesPerElement,
  type DType,
  sizeOf,
  type TensorSpec,
} from '@atrous/tensor';
import { padded, tileRows } from '../kernels.ts';
import type { WeightLayout } from '../weights.ts';
import { type Fused, type FusedDepthwise, fuse } from './fuse.ts';
import { type Need, place } from './place.ts';
import type { DepthwisePart, Step, View, WindowShape } from './step.ts';

/** Where a feed or an output lies, and how it looks to the caller. */
export interface Slot {
  readonly view: View;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** Numbers that steps read beside weights: tables of a resize. */
export interface Constant {
  readonly offset: number;
  readonly data: Uint8Array;
}

/** Everything for pictures of one size: plain data, sent to every thread. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly feeds: Readonly<Record<string, Slot>>;
  readonly outputs: Readonly<Record<string, Slot>>;
  readonly constants: readonly Constant[];
  /** A band per thread. */
  readonly scratch: { readonly offset: number; readonly bytesPerThread: number };
  /** Bytes of values, tables and bands at once. */
  readonly arenaBytes: number;
  /** Bytes of memory in all: weights, then the arena. */
  readonly memoryBytes: number;
}

/** A band stays in the second-level cache beside a panel of weights. */
const bandBytes = 384 * 1024;
const bandRows = (rowBytes: number): number =>
  tileRows * Math.min(16, Math.max(4, Math.floor(bandBytes / rowBytes / tileRows)));

/** The most that a 32-bit memory can be. */
export const largestMemory: number = 65536 * 65536;

const extentsOf = ({ shape }: TensorSpec): Pick<View, 'batch' | 'height' | 'width' | 'channels'> => {
  const [batch, height, width] = shape.length === 4 ? shape : shape.length === 3 ? shape : [shape[0], 1, 1];
  return { batch, height, width, channels: shape.length === 3 ? 1 : shape[shape.length - 1] };
};

interface Home {
  /** The value whose memory it lies in: itself, or a concat. */
  readonly owner: string;
  /** Channels before it. */
  readonly before: number;
}

/**
 * Fuse, place, emit.
 * @param threads how many bands of scratch there must be
 * @throws AtrousError `memory` when it would need more than there can be: nothing has grown yet
 */
export function makePlan(graph: BoundGraph, weights: WeightLayout, base: number, threads: number): Plan {
  const fused = fuse(graph);
  const homes = findHomes(graph, fused);
  const needs: Need[] = [];
  const indexOf = new Map<string, number>();
  const lives = lifetimes(graph, fused, homes);
  const bytesOf = (spec: TensorSpec): number => {
    if (spec.dtype !== 'float32') return sizeOf(spec.shape) * bytesPerElement(spec.dtype);
    const { batch, height, width, channels } = extentsOf(spec);
    return batch * height * width * padded(channels) * 4;
  };
  for (const [owner, life] of lives) {
    indexOf.set(owner, needs.length);
    needs.push({ bytes: bytesOf(graph.specs.get(owner)!), ...life });
  }
  const whole = { first: 0, last: fused.length };
  const tables: { data: Uint8Array; index: number }[] = [];
  const tableOf = (data: Uint8Array): number => {
    tables.push({ data, index: needs.length });
    needs.push({ bytes: data.byteLength, ...whole });
    return needs.length - 1;
  };

  // Offsets are known once all needs are: steps are emitted afterwards.
  const resizes = new Map<string, { rows: number; columns: number }>();
  let scratchBytes = 0;
  for (const part of fused) {
    const { node } = part;
    const { op } = node;
    if (op.kind === 'resize_bilinear') {
      const [from, to] = [graph.specs.get(node.inputs[0])!.shape, graph.specs.get(node.name)!.shape];
      const taps = (axis: 1 | 2) => {
        const { lower, upper, fraction } = bilinearTaps(op.convention, from[axis], to[axis]);
        return tableOf(concatBytes([lower, upper, fraction]));
      };
      resizes.set(node.name, { rows: taps(1), columns: taps(2) });
    }
    if (part.kind === 'convolution' && (part.depthwise || !isDirectConvolution(node))) {
      const rowBytes = kOf(graph, node) * 4;
      scratchBytes = Math.max(scratchBytes, bandRows(rowBytes) * rowBytes);
    }
  }
  const scratch = needs.length;
  needs.push({ bytes: scratchBytes * threads, ...whole });
  const { offsets, peak } = place(needs);
  const memoryBytes = base + peak;
  if (memoryBytes > largestMemory) {
    const gigabytes = (memoryBytes / 2 ** 30).toFixed(1);
    throw new AtrousError(
      'memory',
      `this picture needs ${gigabytes} GB, a 32-bit memory has 4: try a smaller picture`,
    );
  }

  const viewOf = (value: string): View => {
    const { owner, before } = homes.get(value) ?? { owner: value, before: 0 };
    const offset = base + offsets[indexOf.get(owner)!] + before * 4;
    const stride = padded(extentsOf(graph.specs.get(owner)!).channels) * 4;
    return { offset, stride, ...extentsOf(graph.specs.get(value)!) };
  };
  const tableOffset = (index: number) => base + offsets[index];
  const context: Context = { graph, weights, homes, viewOf, resizes, tableOffset };
  const slot = (value: string): Slot => ({ view: viewOf(value), ...graph.specs.get(value)! });
  return {
    steps: fused.flatMap((one) => emit(one, context)),
    feeds: Object.fromEntries(Object.keys(graph.inputs).map((name) => [name, slot(name)])),
    outputs: Object.fromEntries(Object.entries(graph.outputs).map(([name, value]) => [name, slot(value)])),
    constants: tables.map(({ data, index }) => ({ offset: tableOffset(index), data })),
    scratch: { offset: base + offsets[scratch], bytesPerThread: scratchBytes },
    arenaBytes: peak,
    memoryBytes,
  };
}

function concatBytes(arrays: readonly (Int32Array | Float32Array)[]): Uint8Array {
  const all = new Uint8Array(arrays.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    all.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return all;
}

/** Values that are written straight into the concat that reads them: where a slice begins on a vector and ends on one. */
function findHomes(graph: BoundGraph, fused: readonly Fused[]): ReadonlyMap<string, Home> {
  const homes = new Map<string, Home>();
  const computed = new Set(fused.map(({ output }) => output));
  for (const { node } of fused) {
    if (node.op.kind !== 'concat') continue;
    let before = 0;
    node.inputs.forEach((value, i) => {
      const { channels } = extentsOf(graph.specs.get(value)!);
      const isLast = i === node.inputs.length - 1;
      const fits = before % 8 === 0 && (channels % 8 === 0 || isLast);
      // A concat that is itself inside of another would move: it is copied instead.
      const isFree = computed.has(value) && !homes.has(value) && !isConcat(graph, value);
      if (fits && isFree) homes.set(value, { owner: node.name, before });
      before += channels;
    });
  }
  return homes;
}

const isConcat = (graph: BoundGraph, value: string): boolean =>
  graph.nodes.some((node) => node.name === value && node.op.kind === 'concat');

/** The first and last step that touch each piece of memory. */
function lifetimes(
  graph: BoundGraph,
  fused: readonly Fused[],
  homes: ReadonlyMap<string, Home>,
): Map<string, { first: number; last: number }> {
  const lives = new Map<string, { first: number; last: number }>();
  const touch = (value: string, step: number) => {
    const owner = homes.get(value)?.owner ?? value;
    const life = lives.get(owner);
    lives.set(owner, {
      first: Math.min(life?.first ?? step, step),
      last: Math.max(life?.last ?? step, step),
    });
  };
  for (const name of Object.keys(graph.inputs)) touch(name, 0);
  fused.forEach((one, step) => {
    const reads = one.kind === 'other' ? one.node.inputs : [one.input];
    for (const value of reads) touch(value, step);
    if (one.kind === 'convolution' && one.residual !== undefined) touch(one.residual, step);
    touch(one.output, step);
  });
  for (const value of Object.values(graph.outputs)) touch(value, fused.length);
  return lives;
}

interface Context {
  readonly graph: BoundGraph;
  readonly weights: WeightLayout;
  readonly homes: ReadonlyMap<string, Home>;
  readonly viewOf: (value: string) => View;
  readonly resizes: ReadonlyMap<string, { rows: number; columns: number }>;
  readonly tableOffset: (index: number) => number;
}

const windowOf = (op: {
  kernel: readonly [number, number];
  stride: readonly [number, number];
  dilation?: readonly [number, number];
  padding: Parameters<typeof boundPadding>[0];
}): WindowShape => {
  const [top, , left] = boundPadding(op.padding);
  return { kernel: op.kernel, stride: op.stride, rate: op.dilation ?? [1, 1], top, left };
};

const isDirectConvolution = ({ op }: Node): boolean =>
  op.kind === 'dense' ||
  (op.kind === 'conv2d' &&
    [...op.kernel, ...op.stride].every((extent) => extent === 1) &&
    boundPadding(op.padding).every((side) => side === 0));

/** The depth of a convolution's matrix. */
function kOf(graph: BoundGraph, node: Node): number {
  const { channels } = extentsOf(graph.specs.get(node.inputs[0])!);
  return padded(channels) * (node.op.kind === 'conv2d' ? node.op.kernel[0] * node.op.kernel[1] : 1);
}

const multiplyAddsOf = (graph: BoundGraph, node: Node): number =>
  ruleOf(node.op).multiplyAdds(node.op, inputsOf(node, graph.specs), graph.specs.get(node.name)!);

const depthwisePart = (
  { node, activation, rectify }: FusedDepthwise,
  weights: WeightLayout,
): DepthwisePart => {
  const { kernel, bias } = weights.offsets.get(node.name)!;
  return { window: windowOf(node.op), weights: kernel, bias, activation, rectify };
};

function emit(one: Fused, context: Context): Step[] {
  const { graph, weights, viewOf } = context;
  const { node, output } = one;
  if (one.kind === 'other') return emitOther(one.node, output, one.activation, context);
  const common = { name: node.name, input: viewOf(one.input), output: viewOf(output) };
  if (one.kind === 'depthwise') {
    const multiplyAdds = multiplyAddsOf(graph, node);
    return [{ ...common, kind: 'depthwise', multiplyAdds, depthwise: depthwisePart(one, weights) }];
  }
  const { depthwise, residual, activation } = one;
  const { op } = one.node;
  const k = kOf(graph, node);
  const { kernel, bias } = weights.offsets.get(node.name)!;
  const inner = depthwise ? multiplyAddsOf(graph, depthwise.node) : 0;
  return [
    {
      ...common,
      name: depthwise ? `${depthwise.node.name} + ${node.name.split('/').at(-1)}` : node.name,
      kind: 'matmul',
      multiplyAdds: multiplyAddsOf(graph, node) + inner,
      source: depthwise ? 'depthwise' : isDirectConvolution(node) ? 'direct' : 'patches',
      ...(op.kind === 'conv2d' && { window: windowOf(op) }),
      ...(depthwise && { depthwise: depthwisePart(depthwise, weights) }),
      ...(residual !== undefined && { residual: viewOf(residual) }),
      k,
      panels: padded(op.kind === 'dense' ? op.units : op.channels) / 8,
      weights: kernel,
      bias,
      activation,
      band: bandRows(k * 4),
    },
  ];
}

type Emit = (node: Node, output: View, activation: 'none' | 'relu' | 'relu6', context: Context) => Step[];

const one =
  (
    make: (
      node: Node,
      input: View,
      output: View,
      context: Context,
    ) => Record<string, unknown> & { kind: string },
  ): Emit =>
  (node, output, activation, context) => {
    const input = context.viewOf(node.inputs[0]);
    const made = make(node, input, output, context);
    return [{ name: node.name, multiplyAdds: 0, input, output, activation, ...made } as unknown as Step];
  };

const others: { readonly [K in OpKind]?: Emit } = {
  batch_norm: one((node, _input, _output, { weights }) => {
    const { kernel, bias } = weights.offsets.get(node.name)!;
    return { kind: 'affine', scale: kernel, shift: bias };
  }),
  activation: one((node) => {
    const { function: name } = node.op as { function: 'relu' | 'relu6' | 'elu' };
    return name === 'elu' ? { kind: 'elu' } : { kind: 'affine', scale: 0, shift: 0, activation: name };
  }),
  add: one((node, _input, _output, { viewOf }) => ({ kind: 'add', other: viewOf(node.inputs[1]) })),
  pool: one(({ op }) => {
    const pool = op as Parameters<typeof windowOf>[0] & { function: string };
    return { kind: 'pool', window: windowOf(pool), isMax: pool.function === 'max' };
  }),
  global_average_pool: one(() => ({ kind: 'global_average' })),
  resize_bilinear: one((node, _input, _output, { resizes, tableOffset }) => {
    const { rows, columns } = resizes.get(node.name)!;
    return { kind: 'resize', rows: tableOffset(rows), columns: tableOffset(columns) };
  }),
  softmax: (node, output, activation, context) => [
    { kind: 'zero', name: node.name, multiplyAdds: 0, output },
    ...one(() => ({ kind: 'softmax' }))(node, output, activation, context),
  ],
  arg_max: one(() => ({ kind: 'arg_max' })),
  concat: (node, output, _activation, { homes, viewOf }) => {
    const copies: Step[] = [];
    let before = 0;
    let isLastCopied = false;
    for (const value of node.inputs) {
      const home = homes.get(value);
      const input = viewOf(value);
      isLastCopied = home?.owner !== node.name || home.before !== before; // the same value may come twice
      if (isLastCopied) {
        const slice = { ...output, offset: output.offset + before * 4, channels: input.channels };
        copies.push({ kind: 'copy', name: node.name, multiplyAdds: 0, input, output: slice });
      }
      before += input.channels;
    }
    // Copies leave the gap at the end of a pixel as it was: where the last piece is one, the gap is cleared first.
    const hasGap = before % 8 !== 0 && isLastCopied;
    const gap = { ...output, offset: output.offset + Math.floor(before / 8) * 32, channels: 8 };
    return hasGap ? [{ kind: 'zero', name: node.name, multiplyAdds: 0, output: gap }, ...copies] : copies;
  },
};

function emitOther(
  node: Node,
  value: string,
  activation: 'none' | 'relu' | 'relu6',
  context: Context,
): Step[] {
  const emitNode = others[node.op.kind];
  if (!emitNode)
    throw new AtrousError('unsupported', `${node.name}: the engine has no step for ${node.op.kind}`);
  return emitNode(node, context.viewOf(value), activation, context);
}
