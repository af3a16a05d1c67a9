import type { Compute } from '@atrous/graph';
import { type ActivationCode, readBounds } from './activation.ts';
import { foldedGroup, foldGroups, groupsFor, repeat } from './kernel.ts';

/** Threads that share a row of a tile: all along the columns, so that a subgroup of any size can share what it reads. */
export const lanes = 32;
export const rowsEach = 8;

/** Columns of a thread, and what the work of one of them costs beside that of the largest tile (measured). */
const tiles = { 4: 1, 2: 1.4, 1: 2.4 } as const;
export type Tile = keyof typeof tiles;

/** The tile that does the least work in vain. */
export function tileFor(columns: number): Tile {
  const cost = (tile: Tile) => groupsFor(columns, lanes * tile) * tile * tiles[tile];
  return ([4, 2, 1] as const).reduce((best, tile) => (cost(tile) < cost(best) ? tile : best));
}

/** What is added to a product: nothing, a value, or the largest under a window of one. */
export type Residual = 'none' | 'value' | 'max pool';

/** The registers that products of all kinds end in: 8 rows by a tile of columns for each thread. */
export interface SumsOptions {
  readonly compute: Compute;
  readonly tile: Tile;
  /** Of a workgroup: neighbours have neighbouring columns. */
  readonly threads: number;
  readonly residual: Residual;
  readonly activation: ActivationCode;
}

/** Parameters of products of all kinds: where they are, the window of a convolution, bounds of activations, the window of a pool. */
// biome-ignore format: a list
const params = [
  'begin', 'rows', 'columns', 'tiles', 'bias', 'depth', 'channels', 'nothing', 'addedStride', 'addedOffset', 'outputStride', 'outputOffset',
  'height', 'width', 'outHeight', 'outWidth', 'kernelHeight', 'kernelWidth', 'strideY', 'strideX', 'rateY', 'rateX', 'top', 'left',
  'least', 'most', 'betweenLeast', 'betweenMost',
  'poolHeight', 'poolWidth', 'poolKernelHeight', 'poolKernelWidth', 'poolStrideY', 'poolStrideX', 'poolTop', 'poolLeft',
] as const;
export type SumsParam = (typeof params)[number];
export const sumsParams: readonly SumsParam[] = params;

/** Workgroups of a product. @param tiles how many tiles of columns a workgroup has, one after the other */
export const sumsGroups = (
  rows: number,
  columns: number,
  { tile, threads }: Pick<SumsOptions, 'tile' | 'threads'>,
  tiles = 1,
): readonly [number, number, number] => [
  groupsFor(columns, threads * tile * tiles),
  ...foldGroups(groupsFor(rows, rowsEach)),
];

/** The WGSL of sums in registers: where they are, what they begin with and where they go. */
export interface Sums {
  /** A register. */
  cell(row: number, column: number): string;
  eachColumn(line: (column: number) => string): string;
  /** For each register. */
  cells(line: (row: number, column: number) => string): string;
  /** Names the first row, and ends workgroups that have none. */
  readonly rows: string;
  /** Names the thread's columns, from `column` on. */
  readonly columns: string;
  /** The registers. */
  readonly zeros: string;
  /** Sets registers to what they begin with. */
  readonly begin: string;
  /** Sets registers to zeros where `done` is 0, else to sums that lie in the output. */
  readonly goOn: string;
  /**
   * Adds bias and residual, activates and stores.
   * @param finish what a register is turned into first
   * @param isLast a condition: where it does not hold, sums are stored as they are
   */
  end(finish?: (row: number, column: number) => string, isLast?: string): string;
}

export function sumsOf({ compute, tile, threads, residual }: SumsOptions): Sums {
  const isInt8 = compute === 'int8';
  const zero = isInt8 ? '0' : '0.0';
  /** What lies in memory as another type, where sums that are whole numbers lie, too. */
  const taken = (x: string) => (isInt8 ? `bitcast<i32>(${x})` : x);
  const put = (x: string) => (isInt8 ? `bitcast<u32>(${x})` : x);
  const biasAt = (n: string) => {
    if (isInt8) return `bitcast<f32>(weights[p.bias + 2 * p.columns + ${n}])`;
    return compute === 'float16' ? `bitcast<f32>(weights[p.bias + ${n}])` : `weights[p.bias + ${n}]`;
  };
  const cell = (row: number, column: number) => `sum${row}_${column}`;
  const eachRow = (line: (row: number) => string) => repeat(rowsEach, line);
  const eachColumn = (line: (column: number) => string) => repeat(tile, line);
  const cells: Sums['cells'] = (line) => eachRow((row) => eachColumn((column) => line(row, column)));
  // A pool's values are what the sums begin with, so that they need no registers of their own.
  const largest = `${cells((i, j) => `    ${cell(i, j)} = -3.4028234e38;`)}
${eachRow(
  (i) => `    let pooled${i} = min(first + ${i}, p.rows - 1);
    let poolY${i} = ((pooled${i} / p.outWidth) % p.outHeight) * p.poolStrideY - p.poolTop;
    let poolX${i} = (pooled${i} % p.outWidth) * p.poolStrideX - p.poolLeft;
    let pool${i} = pooled${i} / (p.outWidth * p.outHeight) * p.poolHeight;`,
)}
    for (var ky = 0; ky < p.poolKernelHeight; ky++) { for (var kx = 0; kx < p.poolKernelWidth; kx++) {
${eachRow((i) => {
  const at = `((pool${i} + poolY${i} + ky) * p.poolWidth + poolX${i} + kx) * p.addedStride + p.addedOffset`;
  return `      if ((poolY${i} + ky >= 0) & (poolY${i} + ky < p.poolHeight) & (poolX${i} + kx >= 0) & (poolX${i} + kx < p.poolWidth)) {
        let at = ${at};
${eachColumn((j) => `        let next${j} = residual[at + n${j}];\n        ${cell(i, j)} = select(${cell(i, j)}, next${j}, !(next${j} <= ${cell(i, j)}));`)}
      }`;
})}
    } }`;
  return {
    cell,
    eachColumn,
    cells,
    rows: `    let first = p.begin + ${foldedGroup} * ${rowsEach};
    if (first >= p.rows) { return; }
${readBounds()}`,
    columns: eachColumn(
      (j) => `    let n${j} = min(column + ${j * threads}, p.columns - 1);
    let fits${j} = column + ${j * threads} < p.columns;`,
    ),
    zeros: cells((i, j) => `    var ${cell(i, j)} = ${zero};`),
    begin: residual === 'max pool' ? largest : cells((i, j) => `    ${cell(i, j)} = ${zero};`),
    goOn: eachRow(
      (i) => `    let o${i} = min(first + ${i}, p.rows - 1) * p.outputStride + p.outputOffset;
${eachColumn((j) => `    ${cell(i, j)} = select(${taken(`output[o${i} + n${j}]`)}, ${zero}, done == 0);`)}`,
    ),
    // A row beyond the last is that one once more, by the same thread: a branch for each column is all that compilers get to see.
    end: (finish = cell, isLast = '') => `${eachColumn((j) => `    let bias${j} = ${biasAt(`n${j}`)};`)}
${eachRow((i) => `    let to${i} = min(first + ${i}, p.rows - 1);`)}
${eachColumn(
  (j) => `    if (fits${j}) {
${eachRow((i) => {
  const added = residual === 'value' ? ` + residual[to${i} * p.addedStride + p.addedOffset + n${j}]` : '';
  const whole = put(`activate(${finish(i, j)} + bias${j}${added}, bounds)`);
  const stored = isLast ? `select(${put(cell(i, j))}, ${whole}, ${isLast})` : whole;
  return `      output[to${i} * p.outputStride + p.outputOffset + n${j}] = ${stored};`;
})}
    }`,
)}`,
  };
}

/** How sums are called in the key of a kernel. */
export const nameOfSums = ({ compute, tile, threads, residual, activation }: SumsOptions): string =>
  [
    ...(compute === 'float32' ? [] : [compute]),
    `${rowsEach}×${tile}`,
    ...(threads === lanes ? [] : [`of ${threads}`]),
    ...(residual === 'none' ? [] : [residual === 'value' ? 'add' : 'add max pool']),
    ...(activation === 'bounds' ? [] : [activation]),
  ].join(' ');
