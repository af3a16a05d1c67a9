import type { EpilogueActivation } from '@atrous/graph/lowering';
import { activate } from './activation.ts';
import { foldedGroup, foldGroups, groupsFor, type Kernel, kernel, repeat } from './kernel.ts';

export interface ProductOptions {
  /** Whether rows are gathered from under a window; else they are pixels as they lie. */
  readonly window: boolean;
  readonly residual: boolean;
  readonly activation: EpilogueActivation;
  /** Columns of a thread. */
  readonly tile: Tile;
}

/** Threads of a workgroup, all along the columns: they multiply the same rows, so that a subgroup of any size can share what it reads. */
const lanes = 32;
export const rowsEach = 8;
/** What the smallest subgroup has. */
const sharing = 4;

/** Columns of a thread, and what the work of one of them costs beside that of the largest tile (measured). */
const tiles = { 4: 1, 2: 1.4, 1: 2.4 } as const;
export type Tile = keyof typeof tiles;

/** The tile that does the least work in vain. */
export function tileFor(columns: number): Tile {
  const cost = (tile: Tile) => groupsFor(columns, lanes * tile) * tile * tiles[tile];
  return ([4, 2, 1] as const).reduce((best, tile) => (cost(tile) < cost(best) ? tile : best));
}

// biome-ignore format: a list
const params = ['begin', 'rows', 'depth', 'columns', 'bias', 'outputStride', 'outputOffset', 'height', 'width', 'outHeight', 'outWidth', 'kernelHeight', 'kernelWidth', 'strideY', 'strideX', 'rateY', 'rateX', 'top', 'left'] as const;
export type ProductParam = (typeof params)[number];

/** Workgroups of a product. */
export const productGroups = (
  rows: number,
  columns: number,
  tile: Tile,
): readonly [number, number, number] => [
  groupsFor(columns, lanes * tile),
  ...foldGroups(groupsFor(rows, rowsEach)),
];

/**
 * The matrix product behind convolutions and dense layers: rows of `depth` vectors of four channels times `columns`, with bias, residual
 * and activation. Sums lie in registers: 8 rows and up to 4 columns of a thread. Neighbouring threads have neighbouring columns, so that
 * they read weights side by side; all of them need the same pixels, which a subgroup reads once, a row per thread, and shares. Taps of a
 * window that lie in the padding are zeros; where they do for all rows, they are skipped.
 */
export function product({ window, residual, activation, tile }: ProductOptions): Kernel<ProductParam> {
  const cell = (row: number, column: number) => `sum${row}_${column}`;
  const eachRow = (line: (row: number) => string) => repeat(rowsEach, line);
  const eachColumn = (line: (column: number) => string) => repeat(tile, line);
  const cells = (line: (row: number, column: number) => string) =>
    eachRow((row) => eachColumn((column) => line(row, column)));
  const multiply = repeat(4, (c) => {
    const weights = eachColumn((j) => `      let b${c}_${j} = weights[w + n${j}];`);
    const sums = cells((i, j) => `      ${cell(i, j)} += a${i}.${'xyzw'[c]} * b${c}_${j};`);
    return `${weights}\n${sums}\n      w += p.columns;`;
  });

  const body = (subgroups: boolean): string => {
    /** Rows that a thread reads itself. */
    const held = subgroups ? rowsEach / sharing : rowsEach;
    const eachHeld = (line: (i: number) => string) => repeat(held, line);
    const share = (row: number) =>
      subgroups ? `subgroupBroadcast(v${Math.floor(row / sharing)}, ${row % sharing}u)` : `v${row}`;
    const along = (load: (i: number) => string) => `    for (var k = 0; k < p.depth; k++) {
${eachHeld((i) => `      let v${i} = ${load(i)};`)}
${eachRow((row) => `      let a${row} = ${share(row)};`)}
${multiply}
    }`;
    const inside = repeat(held, (i) => `inside${i}`, ' | ');
    const windowed = `${eachHeld(
      (i) => `    let y${i} = ((row${i} / p.outWidth) % p.outHeight) * p.strideY - p.top;
    let x${i} = (row${i} % p.outWidth) * p.strideX - p.left;
    let picture${i} = row${i} / (p.outWidth * p.outHeight) * p.height;`,
    )}
    for (var ky = 0; ky < p.kernelHeight; ky++) { for (var kx = 0; kx < p.kernelWidth; kx++) {
${eachHeld(
  (i) => `    let iy${i} = y${i} + ky * p.rateY;
    let ix${i} = x${i} + kx * p.rateX;
    let inside${i} = (iy${i} >= 0) & (iy${i} < p.height) & (ix${i} >= 0) & (ix${i} < p.width);
    let at${i} = select(0, ((picture${i} + iy${i}) * p.width + ix${i}) * p.depth, inside${i});`,
)}
    if (!${subgroups ? `subgroupAny(${inside})` : `(${inside})`}) { w += 4 * p.depth * p.columns; continue; }
${along((i) => `select(vec4f(), input[at${i} + k], inside${i})`)}
    }}`;
    const direct = `${eachHeld((i) => `    let at${i} = row${i} * p.depth;`)}
${along((i) => `input[at${i} + k]`)}`;
    const rowOf = (i: number) => (subgroups ? `${i * sharing} + i32(lane % ${sharing}u)` : `${i}`);
    return `    let column = i32(group.x) * ${lanes * tile} + i32(local.x);
    let first = p.begin + ${foldedGroup} * ${rowsEach};
    if (first >= p.rows) { return; }
${eachColumn((j) => `    let n${j} = min(column + ${j * lanes}, p.columns - 1);`)}
${eachHeld((i) => `    let row${i} = min(first + ${rowOf(i)}, p.rows - 1);`)}
${cells((i, j) => `    var ${cell(i, j)} = 0.0;`)}
    var w = 0;
${window ? windowed : direct}
${eachColumn((j) => `    let bias${j} = weights[p.bias + n${j}];\n    let fits${j} = column + ${j * lanes} < p.columns;`)}
${eachRow(
  (i) => `    if (first + ${i} < p.rows) {
      let o = (first + ${i}) * p.outputStride + p.outputOffset;
${residual ? `      let r = (first + ${i}) * p.columns;\n` : ''}${eachColumn((j) => {
  const sum = `${cell(i, j)} + bias${j}${residual ? ` + residual[r + n${j}]` : ''}`;
  return `      if (fits${j}) { output[o + n${j}] = activate(${sum}); }`;
})}
    }`,
)}`;
  };
  return kernel({
    key: `product ${window ? 'window' : 'direct'} ${rowsEach}×${tile}${residual ? ' add' : ''} ${activation}`,
    params,
    reads: { input: 'vec4f', weights: 'f32', ...(residual && { residual: 'f32' as const }) },
    writes: { output: 'f32' },
    workgroup: [lanes, 1, 1],
    declarations: activate(activation, 'f32'),
    body,
  });
}
