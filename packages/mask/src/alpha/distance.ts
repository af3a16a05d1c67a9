/**
 * How far each cell of a mask is from the nearest one of a value, in cells; infinite where there is none. Chamfer steps
 * of 1 and √2 (Borgefors, 1986): within 8 % of the Euclidean distance, in two passes.
 */
export function distancesTo(mask: Uint8Array, value: 0 | 1, width: number, height: number): Float32Array {
  const out = new Float32Array(mask.length);
  for (let i = 0; i < mask.length; i++) out[i] = mask[i] === value ? 0 : Number.POSITIVE_INFINITY;
  const last = mask.length - 1;
  const pass = (isBack: boolean) => {
    const at = (i: number) => (isBack ? last - i : i);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        let best = out[at(i)];
        if (best === 0) continue;
        if (x > 0) best = Math.min(best, out[at(i - 1)] + 1);
        if (y > 0) best = Math.min(best, out[at(i - width)] + 1);
        if (y > 0 && x > 0) best = Math.min(best, out[at(i - width - 1)] + Math.SQRT2);
        if (y > 0 && x < width - 1) best = Math.min(best, out[at(i - width + 1)] + Math.SQRT2);
        out[at(i)] = best;
      }
    }
  };
  pass(false);
  pass(true); // the same steps from the last cell to the first: the mask turned by half a circle
  return out;
}
