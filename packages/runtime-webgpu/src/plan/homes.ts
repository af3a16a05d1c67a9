import type { Graph } from '@atrous/graph';
import { countReaders, type Fused } from '@atrous/graph/lowering';

/** Where values lie that are slices of a concat: in whose memory, and how many channels lie before them. */
export type Homes = ReadonlyMap<string, { readonly owner: string; readonly before: number }>;

/**
 * Values that are written straight into the concat that reads them: nobody else reads them, so that no kernel reads the memory that it
 * writes to, and a slice begins on a vector of four channels and ends on one.
 */
export function findHomes(
  graph: Graph,
  fused: readonly Fused[],
  channelsOf: (value: string) => number,
): Homes {
  const readers = countReaders(graph);
  const concats = new Set(graph.nodes.filter(({ op }) => op.kind === 'concat').map(({ name }) => name));
  const computed = new Set(fused.map(({ output }) => output));
  const homes = new Map<string, { owner: string; before: number }>();
  for (const { node } of fused) {
    if (node.op.kind !== 'concat') continue;
    let before = 0;
    node.inputs.forEach((value, i) => {
      const channels = channelsOf(value);
      const isLast = i === node.inputs.length - 1;
      const fits = before % 4 === 0 && (channels % 4 === 0 || isLast);
      // A concat that is itself inside of another would move: it is copied instead.
      const isFree = computed.has(value) && !concats.has(value) && readers.get(value) === 1;
      if (fits && isFree) homes.set(value, { owner: node.name, before });
      before += channels;
    });
  }
  return homes;
}
