import type { Graph } from '@atrous/graph';
import { countReaders, type Fused, fuse } from '@atrous/graph/lowering';

/** What one kernel computes. */
export interface Joined extends Fused {
  /** A max pool whose values are this product's residual: taken while it is added. */
  readonly pool?: Fused;
}

/**
 * Puts together what one dispatch computes: depthwise and pointwise convolutions where subgroups share what is made, and a max pool with the
 * product that alone adds it.
 * @param sharing the size of subgroups; undefined for products in 8 bits, which see a whole row before they multiply
 */
export function join(graph: Graph, sharing: number | undefined): Joined[] {
  const fused = fuse(graph, { depthwiseFirst: Boolean(sharing), pointwiseFirst: () => false });
  const readers = countReaders(graph);
  const pools = new Map(
    fused
      .filter(
        ({ node: { op }, output }) =>
          op.kind === 'pool' && sharing !== undefined && op.function === 'max' && readers.get(output) === 1,
      )
      .map((one) => [one.output, one]),
  );
  const added = new Set(
    fused.flatMap(({ residual, depthwise }) =>
      !depthwise && residual !== undefined && pools.has(residual) ? [residual] : [],
    ),
  );
  return fused
    .filter(({ output }) => !added.has(output))
    .map((one) =>
      one.residual !== undefined && added.has(one.residual) ? { ...one, pool: pools.get(one.residual) } : one,
    );
}
