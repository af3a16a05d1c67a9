import { bind } from '@atrous/graph';
import { AtrousError, describeSpec, type TensorSpec } from '@atrous/tensor';
import { type Kernel, mostGroups } from '../kernels/kernel.ts';
import { type Band, bandsOf } from './bands.ts';
import { deviceBytes, rangeBytes, sizesOf } from './sizes.ts';
import { assignSlots, type Need } from './slots.ts';
import { type Dispatch, type Lowered, type Source, type Step, value } from './step.ts';

/** Where a kernel finds what it reads or writes. */
export type Place =
  | { readonly slot: number; readonly offset: number; readonly bytes: number }
  | { readonly weights: string }
  | { readonly taps: number; readonly bytes: number };

/** A feed or an output. */
export interface Slot {
  readonly slot: number;
  readonly spec: TensorSpec;
}

/** A dispatch with all that it needs, in the order of bindings. */
export interface PlannedDispatch extends Dispatch {
  readonly name: string;
  readonly kernel: Kernel;
  readonly places: readonly Place[];
  readonly multiplyAdds: number;
  /** Of its band of a step: 1 where that is not divided. */
  readonly share: number;
  /** What it costs, in multiply-adds: what is written counts, too. */
  readonly cost: number;
  readonly output: TensorSpec;
}

/** Everything for pictures of one size: plain data. */
export interface Plan {
  readonly dispatches: readonly PlannedDispatch[];
  /** Bytes of each buffer of values, the largest first. */
  readonly slots: readonly number[];
  readonly feeds: Readonly<Record<string, Slot>>;
  readonly outputs: Readonly<Record<string, Slot>>;
  /** Tables of all resizes. */
  readonly taps: Int32Array<ArrayBuffer>;
}

const align = (bytes: number): number => Math.ceil(bytes / rangeBytes) * rangeBytes;

/** A number that is written costs as much as some multiply-adds. */
const costOfNumber = 8;

/** @throws AtrousError `shape` for pictures that the network cannot take; `memory` for those that this device cannot hold */
export function makePlan(
  { graph, steps, homes, mostBytes }: Lowered,
  shapes: Readonly<Record<string, readonly number[]>>,
): Plan {
  const sizes = sizesOf(bind(graph, shapes), homes);
  const { specs } = sizes.graph;
  const ownerOf = (value: string) => homes.get(value)?.owner ?? value;
  const lives = lifetimes(steps, Object.keys(graph.inputs), Object.values(graph.outputs), ownerOf);
  const owners = [...lives.keys()];
  const bytesOf = (value: string) => deviceBytes(specs.get(ownerOf(value))!);
  const needs = owners.map((owner): Need => ({ bytes: bytesOf(owner), ...lives.get(owner)! }));
  const { slotOf, bytes } = assignSlots(needs);
  const slots = new Map(owners.map((owner, i) => [owner, slotOf[i]]));

  const tables: Int32Array[] = [];
  let tapBytes = 0;
  const addTaps = (table: Int32Array): Place => {
    const place = { taps: tapBytes, bytes: table.byteLength };
    tables.push(table);
    tapBytes += align(table.byteLength);
    return place;
  };
  const placeFor = (step: Step, { sizes: own, rangeOf }: Band, source: Source): Place => {
    if (source === 'taps') return addTaps(step.taps!(own));
    if (!('value' in source)) return source;
    return { slot: slots.get(ownerOf(source.value))!, ...rangeOf(source.value) };
  };
  const dispatchesOf = (step: Step, band: Band): PlannedDispatch[] => {
    const { name, kernel, reads } = step;
    const places = [...reads, value(step.output)].map((source) => placeFor(step, band, source));
    const parts = step.dispatches(band.sizes);
    const share = 1 / parts.length;
    const multiplyAdds = step.multiplyAdds(sizes) * band.share * share;
    const output = specs.get(step.output)!;
    const cost = multiplyAdds + (costOfNumber * deviceBytes(output) * band.share * share) / 4;
    return parts.map((part) => ({ ...part, name, kernel, places, multiplyAdds, share, cost, output }));
  };
  const dispatches = steps.flatMap((step) =>
    bandsOf(step, sizes, mostBytes).flatMap((band) => dispatchesOf(step, band)),
  );
  expectGroups(dispatches);
  const slot = (name: string): Slot => ({ slot: slots.get(name)!, spec: specs.get(name)! });
  return {
    dispatches,
    slots: bytes,
    feeds: Object.fromEntries(Object.keys(graph.inputs).map((name) => [name, slot(name)])),
    outputs: Object.fromEntries(Object.entries(graph.outputs).map(([name, of]) => [name, slot(of)])),
    taps: joinTables(tables, tapBytes),
  };
}

/** What WebGPU takes along an axis everywhere. */
function expectGroups(dispatches: readonly PlannedDispatch[]): void {
  const long = dispatches.find(({ groups }) => groups.some((count) => count > mostGroups));
  if (!long) return;
  throw new AtrousError(
    'unsupported',
    `webgpu: ${long.name} gives ${describeSpec(long.output)}: expected at most ${mostGroups} rows of all pictures together`,
  );
}

function joinTables(tables: readonly Int32Array[], bytes: number): Int32Array<ArrayBuffer> {
  const joined = new Int32Array(bytes / 4);
  let at = 0;
  for (const table of tables) {
    joined.set(table, at);
    at += align(table.byteLength) / 4;
  }
  return joined;
}

/** The first and last step that touch each piece of memory. */
function lifetimes(
  steps: readonly Step[],
  inputs: readonly string[],
  outputs: readonly string[],
  ownerOf: (value: string) => string,
): Map<string, { first: number; last: number }> {
  const lives = new Map<string, { first: number; last: number }>();
  const touch = (value: string, step: number) => {
    const owner = ownerOf(value);
    const life = lives.get(owner) ?? { first: step, last: step };
    lives.set(owner, { first: Math.min(life.first, step), last: Math.max(life.last, step) });
  };
  for (const name of inputs) touch(name, 0);
  steps.forEach((step, i) => {
    for (const source of step.reads) if (source !== 'taps' && 'value' in source) touch(source.value, i);
    touch(step.output, i);
  });
  for (const value of outputs) touch(value, steps.length);
  return lives;
}
