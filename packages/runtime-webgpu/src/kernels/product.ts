import { type ActivationCode, activate, readBounds } from './activation.ts';
import { type Kernel, kernel, repeat } from './kernel.ts';
import { nameOfSums, rowsEach, type SumsOptions, type SumsParam, sumsOf, sumsParams } from './sums.ts';

/** A depthwise convolution whose values go into a product without being stored. */
export interface DepthwiseSource {
  /** A ReLU on what it reads. */
  readonly rectify: boolean;
  readonly activation: ActivationCode;
}

export interface ProductOptions extends SumsOptions {
  /** What rows are: pixels as they lie, patches from under a window, or what a depthwise convolution makes of one. */
  readonly rows: 'pixels' | 'patches' | DepthwiseSource;
}

/** What the smallest subgroup has. */
export const sharing = 4;

/** Sums of a tile of four channels at `a0` … by weights at `w`, which goes on to the next. Weights in half precision lie in pairs of channels. */
const multiply = (options: SumsOptions): string => {
  const { cell, cells, eachColumn } = sumsOf(options);
  if (options.compute === 'float16') {
    return repeat(2, (c) => {
      const weights = eachColumn((j) => `      let b${c}_${j} = unpack2x16float(weights[w + n${j}]);`);
      const sums = repeat(2, (half) =>
        cells((i, j) => `      ${cell(i, j)} += a${i}.${'xyzw'[2 * c + half]} * b${c}_${j}.${'xy'[half]};`),
      );
      return `${weights}\n${sums}\n      w += p.columns;`;
    });
  }
  return repeat(4, (c) => {
    const weights = eachColumn((j) => `      let b${c}_${j} = weights[w + n${j}];`);
    const sums = cells((i, j) => `      ${cell(i, j)} += a${i}.${'xyzw'[c]} * b${c}_${j};`);
    return `${weights}\n${sums}\n      w += p.columns;`;
  });
};

/** Rows of a packed matrix of weights for four channels. */
const rowsOfWeights = ({ compute }: SumsOptions): number => (compute === 'float16' ? 2 : 4);

/** Where a window of each row begins. */
export const cornerOf = (
  i: number,
) => `    let y${i} = ((row${i} / p.outWidth) % p.outHeight) * p.strideY - p.top;
    let x${i} = (row${i} % p.outWidth) * p.strideX - p.left;
    let picture${i} = row${i} / (p.outWidth * p.outHeight) * p.height;`;
/** What a tap of it reads. */
export const tapOf = (i: number) => `    let iy${i} = y${i} + ky * p.rateY;
    let ix${i} = x${i} + kx * p.rateX;
    let inside${i} = (iy${i} >= 0) & (iy${i} < p.height) & (ix${i} >= 0) & (ix${i} < p.width);
    let at${i} = select(0, ((picture${i} + iy${i}) * p.width + ix${i}) * p.depth, inside${i});`;

/** Rows out of memory: each thread of a subgroup reads a row, and the others get it. */
function readRows(options: ProductOptions, subgroups: boolean): string {
  const sums = sumsOf(options);
  const eachRow = (line: (row: number) => string) => repeat(rowsEach, line);
  /** Rows that a thread reads itself. */
  const held = subgroups ? rowsEach / sharing : rowsEach;
  const eachHeld = (line: (i: number) => string) => repeat(held, line);
  const share = (row: number) =>
    subgroups ? `subgroupBroadcast(v${Math.floor(row / sharing)}, ${row % sharing}u)` : `v${row}`;
  const along = (load: (i: number) => string) => `    for (var k = 0; k < p.depth; k++) {
${eachHeld((i) => `      let v${i} = ${load(i)};`)}
${eachRow((row) => `      let a${row} = ${share(row)};`)}
${multiply(options)}
    }`;
  const inside = repeat(held, (i) => `inside${i}`, ' | ');
  const patches = `${eachHeld(cornerOf)}
    for (var ky = 0; ky < p.kernelHeight; ky++) { for (var kx = 0; kx < p.kernelWidth; kx++) {
${eachHeld(tapOf)}
    if (!${subgroups ? `subgroupAny(${inside})` : `(${inside})`}) { w += ${rowsOfWeights(options)} * p.depth * p.columns; continue; }
${along((i) => `select(vec4f(), input[at${i} + k], inside${i})`)}
    }}`;
  const pixels = `${eachHeld((i) => `    let at${i} = row${i} * p.depth;`)}
${along((i) => `input[at${i} + k]`)}`;
  const rowOf = (i: number) => (subgroups ? `${i * sharing} + i32(lane % ${sharing}u)` : `${i}`);
  return `${sums.rows}
    let column = i32(group.x) * ${options.threads * options.tile} + i32(local.x);
${sums.columns}
${eachHeld((i) => `    let row${i} = min(first + ${rowOf(i)}, p.rows - 1);`)}
${sums.zeros}
${sums.begin}
    var w = 0;
${options.rows === 'patches' ? patches : pixels}
${sums.end()}`;
}

/** Vectors of channels that a depthwise convolution makes at a time, and how many of them share what is computed of a tap. */
export const block = 32;
const abreast = 2;

/**
 * Rows that a depthwise convolution makes: a block of channels at a time, each thread of four its own two rows, for all columns of the
 * workgroup. Sums that wait for the next block lie in the output.
 */
function makeRows(options: ProductOptions, { rectify }: DepthwiseSource): string {
  const { threads, tile } = options;
  const sums = sumsOf(options);
  const held = rowsEach / sharing;
  const eachHeld = (line: (i: number) => string) => repeat(held, line);
  const each = (line: (i: number, j: number) => string) =>
    eachHeld((i) => repeat(abreast, (j) => line(i, j)));
  const isRead = (i: number, j: number) =>
    rectify ? `!(value${i}_${j} < vec4f()) & vec4<bool>(inside${i})` : `inside${i}`;
  return `${sums.rows}
${readBounds('betweenBounds', ['betweenLeast', 'betweenMost'])}
${eachHeld((i) => `    let row${i} = min(first + ${i * sharing} + i32(lane % ${sharing}u), p.rows - 1);`)}
${eachHeld(cornerOf)}
${eachHeld((i) => `    var held${i}: array<vec4f, ${block}>;`)}
${sums.zeros}
    let firstTile = i32(group.x) * p.tiles;
    let lastTile = min(firstTile + p.tiles, (p.columns + ${threads * tile - 1}) / ${threads * tile});
    for (var done = 0; done < p.depth; done += ${block}) {
      let count = min(${block}, p.depth - done);
      let isLast = done + ${block} >= p.depth;
      for (var k = 0; k < count; k += ${abreast}) {
${repeat(abreast, (j) => `        let channel${j} = min(done + k + ${j}, p.depth - 1);`)}
${repeat(abreast, (j) => `        let shift${j} = filters[p.kernelHeight * p.kernelWidth * p.depth + channel${j}];`)}
${each((i, j) => `        var made${i}_${j} = shift${j};`)}
        for (var ky = 0; ky < p.kernelHeight; ky++) { for (var kx = 0; kx < p.kernelWidth; kx++) {
${eachHeld(tapOf)}
          if (!(${repeat(held, (i) => `inside${i}`, ' | ')})) { continue; }
          let tap = (ky * p.kernelWidth + kx) * p.depth;
${repeat(abreast, (j) => `          let filter${j} = filters[tap + channel${j}];`)}
${each(
  (i, j) => `          let value${i}_${j} = input[at${i} + channel${j}];
          made${i}_${j} += select(vec4f(), value${i}_${j}, ${isRead(i, j)}) * filter${j};`,
)}
        } }
${each((i, j) => `        held${i}[k + ${j}] = between(made${i}_${j}, betweenBounds);`)}
      }
      for (var one = firstTile; one < lastTile; one++) {
        let column = one * ${threads * tile} + i32(local.x);
${sums.columns}
${sums.goOn}
        var w = ${rowsOfWeights(options)} * done * p.columns;
        for (var k = 0; k < count; k++) {
${eachHeld((i) => `      let v${i} = held${i}[k];`)}
${repeat(rowsEach, (row) => `      let a${row} = subgroupBroadcast(v${Math.floor(row / sharing)}, ${row % sharing}u);`)}
${multiply(options)}
        }
${sums.end(sums.cell, 'isLast')}
      }
    }`;
}

/**
 * The matrix product behind convolutions and dense layers: rows of `depth` vectors of four channels times `columns`, with bias, residual
 * and activation. Sums lie in registers: 8 rows and up to 4 columns of a thread. Neighbouring threads have neighbouring columns, so that
 * they read weights side by side; all of them need the same pixels, which a subgroup reads once, a row per thread, and shares. Taps of a
 * window that lie in the padding are zeros; where they do for all rows, they are skipped. Rows of a depthwise convolution are made in the
 * workgroup's memory and never stored.
 */
export function product(options: ProductOptions): Kernel<SumsParam> {
  const { rows, residual, activation, threads } = options;
  const isMade = typeof rows === 'object';
  const name = isMade
    ? `depthwise${rows.rectify ? ' rectify' : ''}${rows.activation === 'bounds' ? '' : ` ${rows.activation}`}, product`
    : `product ${rows}`;
  return kernel({
    key: `${name} ${nameOfSums(options)}`,
    params: sumsParams,
    reads: {
      input: 'vec4f',
      ...(isMade && { filters: 'vec4f' as const }),
      weights: options.compute === 'float16' ? 'u32' : 'f32',
      ...(residual !== 'none' && { residual: 'f32' as const }),
    },
    writes: { output: 'f32' },
    workgroup: [threads, 1, 1],
    declarations: [
      activate(activation, 'f32'),
      ...(isMade ? [activate(rows.activation, 'vec4f', 'between')] : []),
    ].join('\n'),
    body: (subgroups) => (isMade ? makeRows(options, rows) : readRows(options, subgroups)),
  });
}
