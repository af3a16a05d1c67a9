import type { Color } from '../palette.ts';
import type { Bytes } from './arrays.ts';

/** Stops of viridis (Smith and van der Walt 2015): even in lightness, and readable without red or green. */
const viridis: readonly Color[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/** 256 colours of viridis from low to high, as RGBA. */
export const heatColors: Bytes = Uint8Array.from({ length: 1024 }, (_, i) => {
  if (i % 4 === 3) return 255;
  const at = (Math.floor(i / 4) / 255) * (viridis.length - 1);
  const lower = Math.min(Math.floor(at), viridis.length - 2);
  return viridis[lower][i % 4] + (viridis[lower + 1][i % 4] - viridis[lower][i % 4]) * (at - lower);
});
