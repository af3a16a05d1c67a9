import type { Fused } from './fuse.ts';
import type { Graph } from './graph.ts';

/** Where values lie that are slices of a concat: in whose memory, and how many channels lie before them. */
export type Homes = ReadonlyMap<string, { readonly owner: string; readonly before: number }>;

/** How an engine reads and writes. */
export interface Slices {
  /** Channels that lie together: a slice begins on a multiple of them and ends on one. */
  readonly vector: number;
  /** Whether nobody but the concat may read a slice: where no kernel may read memory that it writes to. */
  readonly unshared: boolean;
}

/** Values that are written straight into the concat that reads them. */
export function findHomes(
  graph: Graph,
  fused: readonly Fused[],
  channelsOf: (value: string) => number,
  { vector, unshared }: Slices,
): Homes {
  const readers = new Map<string, number>();
  const reads = graph.nodes.flatMap(
    ({ op, inputs }) => (op.kind === 'resize_bilinear' ? inputs.slice(0, 1) : inputs), // of the other it needs no more than the size
  );
  for (const name of [...reads, ...Object.values(graph.outputs)])
    readers.set(name, (readers.get(name) ?? 0) + 1);
  const concats = new Set(graph.nodes.filter(({ op }) => op.kind === 'concat').map(({ name }) => name));
  const computed = new Set(fused.map(({ output }) => output));
  const homes = new Map<string, { owner: string; before: number }>();
  for (const { node } of fused) {
    if (node.op.kind !== 'concat') continue;
    let before = 0;
    node.inputs.forEach((value, i) => {
      const channels = channelsOf(value);
      const isLast = i === node.inputs.length - 1;
      const fits = before % vector === 0 && (channels % vector === 0 || isLast);
      // A concat that is itself inside of another would move: it is copied instead.
      const isFree = computed.has(value) && !homes.has(value) && !concats.has(value);
      if (fits && isFree && !(unshared && readers.get(value) !== 1))
        homes.set(value, { owner: node.name, before });
      before += channels;
    });
  }
  return homes;
}
