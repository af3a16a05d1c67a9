import { model } from './colour_models.ts';
import { lightness } from './guided.ts';
import type { Matte } from './matte.ts';
import { known } from './regions.ts';
import { modelsOfRow } from './working_alpha.ts';

/** Makes the alpha of a row of the picture, 0 to 255, times the picture's own; keeps the lines that it works with. */
export function alphaOfRow({
  picture,
  grids,
  knowledge,
  lines,
}: Matte): (y: number, out: Uint8Array) => void {
  const { data, channels, width } = picture;
  const { block, cell, cellsAcross } = grids;
  const gains = new Float32Array(grids.width);
  const bases = new Float32Array(grids.width);
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  const perCell = block * cell;
  const open = (y: number, from: number, end: number, out: Uint8Array) => {
    for (let x = from, p = (y * width + from) * channels; x < end; x++, p += channels) {
      const position = Math.min(grids.width - 1, Math.max(0, (x + 0.5) / block - 0.5));
      const left = Math.floor(position);
      const right = Math.min(grids.width - 1, left + 1);
      const t = position - left;
      const gain = gains[left] + (gains[right] - gains[left]) * t;
      const base = bases[left] + (bases[right] - bases[left]) * t;
      const opacity = channels === 4 ? data[p + 3] : 255;
      const light = (lightness(data[p], data[p + green], data[p + blue]) * opacity + 255 - opacity) / 255;
      out[x] = Math.min(1, Math.max(0, gain * light + base)) * opacity + 0.5;
    }
  };
  return (y, out) => {
    between(lines.gain, y, grids, gains);
    between(lines.base, y, grids, bases);
    const row = Math.floor(y / perCell) * cellsAcross;
    for (let column = 0; column < cellsAcross; column++) {
      const from = column * perCell;
      const end = Math.min(width, from + perCell);
      if (knowledge.isOpen[row + column]) open(y, from, end, out);
      else if (knowledge.state[row + column] === known.outside) out.fill(0, from, end);
      else if (channels < 4) out.fill(255, from, end);
      else for (let x = from; x < end; x++) out[x] = data[4 * (y * width + x) + 3];
    }
  };
}

/** The line between the two rows of blocks that a row of pixels lies between. */
function between(
  plane: Float32Array,
  row: number,
  { block, width, height }: Matte['grids'],
  out: Float32Array,
): void {
  const position = Math.min(height - 1, Math.max(0, (row + 0.5) / block - 0.5));
  const upper = Math.floor(position);
  const t = position - upper;
  const a = upper * width;
  const b = Math.min(height - 1, upper + 1) * width;
  for (let x = 0; x < width; x++) out[x] = plane[a + x] + (plane[b + x] - plane[a + x]) * t;
}

/** Makes the RGBA of a row of the cut-out from its alpha, into zeros. */
export function coloursOfRow({
  picture,
  grids,
  models,
}: Matte): (y: number, alpha: Uint8Array, out: Uint8ClampedArray) => void {
  const { data, channels, width } = picture;
  const { patches } = grids;
  const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
  const perPatch = grids.block * grids.cell * patches.cells;
  const line = new Float32Array(patches.across * model.size);
  const at = new Float64Array(model.size);
  return (y, alpha, out) => {
    let isLineMade = false;
    for (let x = 0, o = 0, p = y * width * channels; x < width; x++, p += channels, o += 4) {
      if (alpha[x] === 0) continue;
      out[o] = data[p];
      out[o + 1] = data[p + green];
      out[o + 2] = data[p + blue];
      out[o + 3] = alpha[x];
      if (alpha[x] === 255 || (channels === 4 && data[p + 3] < 255)) continue;
      if (!isLineMade) modelsOfRow(models, y, perPatch, patches, line);
      isLineMade = true;
      const position = Math.min(patches.across - 1, Math.max(0, (x + 0.5) / perPatch - 0.5));
      const left = Math.floor(position);
      const l = left * model.size;
      const r = Math.min(patches.across - 1, left + 1) * model.size;
      for (let k = model.inside; k < model.size; k++)
        at[k] = line[l + k] + (line[r + k] - line[l + k]) * (position - left);
      withoutBackground(out, o, at);
    }
  };
}

/**
 * Takes the colour behind out of a pixel: the likeliest colour inside, given the pixel's own, its alpha, and the means
 * and variances of the colours inside and outside.
 */
function withoutBackground(out: Uint8ClampedArray, o: number, at: Float64Array): void {
  const alpha = out[o + 3] / 255;
  const free = at[model.spreadInside] + 1;
  const variance = alpha * alpha * free + (1 - alpha) * (1 - alpha) * (at[model.spreadOutside] + 1);
  const share = (alpha * free) / variance;
  for (let c = 0; c < 3; c++) {
    const inside = at[model.inside + c];
    const unexplained = out[o + c] - alpha * inside - (1 - alpha) * at[model.outside + c];
    out[o + c] = inside + share * unexplained;
  }
}
