import type { Rule } from '@atrous/graph';

/** Our layer, theirs, and their name of the batch norm after it. */
export type LayerRow = readonly [ours: string, theirs: string, norm?: string];

/** Rules from rows of layers; `$1` and the like stand for groups of `ours`. */
export const layerRules = (rows: readonly LayerRow[]): readonly Rule[] =>
  rows.flatMap(([ours, theirs, norm]): Rule[] => [
    [new RegExp(`^${ours}$`), theirs],
    ...(norm ? [[new RegExp(`^${ours}/batch_norm$`), norm] as const] : []),
  ]);
