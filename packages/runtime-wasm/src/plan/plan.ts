import type { BoundGraph } from '@atrous/graph';
import { type Fused, findHomes, fuse, type Homes } from '@atrous/graph/lowering';
import {
  AtrousError,
  bilinearTaps,
  bytesPerElement,
  type DType,
  sizeOf,
  type TensorSpec,
} from '@atrous/tensor';
import type { Forms } from '../forms.ts';
import { padded } from '../kernels.ts';
import type { WeightLayout } from '../weights.ts';
import { bandBytesOf, type Context, emit, extentsOf } from './emit.ts';
import { type Need, place } from './place.ts';
import { paysByRows } from './pointwise_rows.ts';
import type { Step, View } from './step.ts';

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
  /** How its products are computed. */
  readonly forms: Forms;
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

/** The most that a 32-bit memory can be. */
export const largestMemory: number = 65536 * 65536;

/**
 * Fuse, place, emit.
 * @param threads how many bands of scratch there must be
 * @throws AtrousError `memory` when it would need more than there can be: nothing has grown yet
 */
export function makePlan(
  graph: BoundGraph,
  weights: WeightLayout,
  base: number,
  threads: number,
  forms: Forms,
): Plan {
  const fused = fuse(graph, {
    depthwiseFirst: true,
    pointwiseFirst: (pointwise, depthwise) => paysByRows(graph, pointwise, depthwise, threads),
  });
  const channelsOf = (value: string) => extentsOf(graph.specs.get(value)!).channels;
  const homes = findHomes(graph, fused, channelsOf, { vector: 8, unshared: false });
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
    scratchBytes = Math.max(scratchBytes, bandBytesOf(part, graph, weights));
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
  const context: Context = {
    graph,
    weights,
    viewOf,
    isInPlace: (value, concat, channel) => {
      const home = homes.get(value);
      return home?.owner === concat && home.before === channel;
    },
    resizeTables: (node) => {
      const { rows, columns } = resizes.get(node)!;
      return { rows: tableOffset(rows), columns: tableOffset(columns) };
    },
  };
  const slot = (value: string): Slot => ({ view: viewOf(value), ...graph.specs.get(value)! });
  return {
    steps: fused.flatMap((one) => emit(one, context)),
    forms,
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

/** The first and last step that touch each piece of memory. */
function lifetimes(
  graph: BoundGraph,
  fused: readonly Fused[],
  homes: Homes,
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
    for (const value of [one.input, ...one.node.inputs.slice(1)]) touch(value, step);
    if (one.residual !== undefined) touch(one.residual, step);
    touch(one.output, step);
  });
  for (const value of Object.values(graph.outputs)) touch(value, fused.length);
  return lives;
}
