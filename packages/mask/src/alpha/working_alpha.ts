import { model } from './colour_models.ts';
import { coverage } from './posterior.ts';
import { known } from './regions.ts';
import type { Grids, Patches } from './working_picture.ts';

/**
 * The alpha of each block, 0 to 1: exact where cells are known, else by the colour models around it.
 * @param colors of blocks
 * @param state of cells
 * @param models of patches
 * @param probability of blocks, where cells are unknown
 */
export function workingAlpha(
  colors: Float32Array,
  state: Uint8Array,
  models: Float32Array,
  probability: Float32Array,
  grids: Grids,
): Float32Array {
  const { width, height, cell, cellsAcross, patches } = grids;
  const perPatch = cell * patches.cells;
  const out = new Float32Array(width * height);
  const line = new Float32Array(patches.across * model.size);
  const at = new Float64Array(model.inside); // what `coverage` is told, of one block
  for (let y = 0, i = 0; y < height; y++) {
    const states = Math.floor(y / cell) * cellsAcross;
    if (isOpen(state, states, cellsAcross)) modelsOfRow(models, y, perPatch, patches, line);
    for (let x = 0, column = 0, left = cell; x < width; x++, i++) {
      const is = state[states + column];
      if (--left === 0) {
        left = cell;
        column++;
      }
      if (is !== known.unknown) {
        out[i] = is === known.inside ? 1 : 0;
        continue;
      }
      const position = Math.min(patches.across - 1, Math.max(0, (x + 0.5) / perPatch - 0.5));
      const before = Math.floor(position);
      const t = position - before;
      const l = before * model.size;
      const r = Math.min(patches.across - 1, before + 1) * model.size;
      for (let k = 0; k < at.length; k++) at[k] = line[l + k] + (line[r + k] - line[l + k]) * t;
      const c = 3 * i;
      const along = at[0] * colors[c] + at[1] * colors[c + 1] + at[2] * colors[c + 2] - at[model.offset];
      const { reach, varianceInside, varianceOutside, noise } = model;
      out[i] = coverage(along, at[reach], at[varianceInside], at[varianceOutside], at[noise], probability[i]);
    }
  }
  return out;
}

function isOpen(state: Uint8Array, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) if (state[i] === known.unknown) return true;
  return false;
}

/** The models between the two rows of patches that a row lies between. */
export function modelsOfRow(
  models: Float32Array,
  row: number,
  rowsPerPatch: number,
  { across, down }: Patches,
  out: Float32Array,
): void {
  const position = Math.min(down - 1, Math.max(0, (row + 0.5) / rowsPerPatch - 0.5));
  const upper = Math.floor(position);
  const t = position - upper;
  const a = upper * across * model.size;
  const b = Math.min(down - 1, upper + 1) * across * model.size;
  for (let k = 0; k < out.length; k++) out[k] = models[a + k] + (models[b + k] - models[a + k]) * t;
}
