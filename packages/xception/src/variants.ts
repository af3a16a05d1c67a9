import { bigXception, miniXception, tinyXception, tinyXceptionFaces, xception39 } from './small_tables.ts';
import { aligned, chollet, cut, lowRank, preactivated } from './tables.ts';
import type { Variant } from './variant.ts';

/** The family: one row per network. */
export const variants = {
  xception: chollet,
  'xception-block5': cut(chollet, 'middle_flow/block1'),
  'xception-middle': cut(chollet, 'middle_flow/block8'),
  'xception-low-rank': lowRank(cut(chollet, 'middle_flow/block8'), { entry: 128, middle: 64 }),
  'xception-block13': cut(chollet, 'exit_flow/block1'),
  xception41: aligned(8),
  xception65: aligned(16),
  xception71: aligned(16, [
    [128, 2],
    [256, 1],
    [256, 2],
    [728, 1],
    [728, 2],
  ]),
  xception41p: preactivated(aligned(8), 1e-5),
  xception65p: preactivated(aligned(16), 1e-3),
  xception39,
  'mini-xception': miniXception,
  'tiny-xception': tinyXception,
  'big-xception': bigXception,
  'tiny-xception-faces': tinyXceptionFaces,
} satisfies Readonly<Record<string, Variant>> as Readonly<Record<VariantName, Variant>>;

export type VariantName =
  | 'xception'
  | 'xception-block5'
  | 'xception-middle'
  | 'xception-low-rank'
  | 'xception-block13'
  | 'xception41'
  | 'xception65'
  | 'xception71'
  | 'xception41p'
  | 'xception65p'
  | 'xception39'
  | 'mini-xception'
  | 'tiny-xception'
  | 'big-xception'
  | 'tiny-xception-faces';

export const variantNames: readonly VariantName[] = Object.keys(variants) as VariantName[];
