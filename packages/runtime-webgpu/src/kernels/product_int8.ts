import { activate } from './activation.ts';
import { type Kernel, kernel, repeat } from './kernel.ts';
import { cornerOf, sharing, tapOf } from './product.ts';
import { nameOfSums, rowsEach, type SumsOptions, type SumsParam, sumsOf, sumsParams } from './sums.ts';

export interface Int8ProductOptions extends Omit<SumsOptions, 'compute'> {
  readonly rows: 'pixels' | 'patches';
}

/** Words of four values that a thread holds of a row. */
const block = 64;

/**
 * A product in 8 bits, as `int8.ts` of graph defines it: rows of float32 are given a range and rounded to 7 bits here, four values to a word,
 * and multiplied by `dot4I8Packed`. Each thread of four rounds its own two rows for all columns of the workgroup. Sums are whole numbers, so
 * that any order gives the same; where rows are longer than a block, they lie in the output until they are whole. What must not become
 * one operation with what follows goes through `times`. Rows that are not finite have the scale NaN, as bits: compilers may take it that there is none.
 */
export function productInt8(options: Int8ProductOptions): Kernel<SumsParam> {
  const { rows, residual, activation, threads, tile } = options;
  const whole = { ...options, compute: 'int8' } as const;
  const sums = sumsOf(whole);
  const body = (subgroups: boolean): string => {
    const held = subgroups ? rowsEach / sharing : rowsEach;
    const eachHeld = (line: (i: number) => string) => repeat(held, line);
    const share = (name: string, row: number) =>
      subgroups
        ? `subgroupBroadcast(${name}${Math.floor(row / sharing)}, ${row % sharing}u)`
        : `${name}${row}`;
    const rowOf = (i: number) => (subgroups ? `${i * sharing} + i32(lane % ${sharing}u)` : `${i}`);
    const isPatch = rows === 'patches';
    const taps = isPatch ? 'p.kernelHeight * p.kernelWidth' : '1';
    const read = (i: number) =>
      `select(vec4f(), input[at${i} + k], vec4<bool>(${isPatch ? `inside${i}` : 'true'}) & isChannel)`;
    /** Goes to a tap and a vector of channels of each row. */
    const goTo = (index: string) => `        let k = ${index} % p.depth;
        let isChannel = vec4i(4 * k) + vec4i(0, 1, 2, 3) < vec4i(p.channels);
${
  isPatch
    ? `        let ky = ${index} / p.depth / p.kernelWidth;
        let kx = ${index} / p.depth % p.kernelWidth;
${eachHeld(tapOf)}`
    : ''
}`;
    const finish = (i: number, j: number) =>
      `times(f32(${sums.cell(i, j)} - zeros${i} * total${j}), times(scales${i}, scaled${j}))`;
    return `${sums.rows}
${eachHeld((i) => `    let row${i} = min(first + ${rowOf(i)}, p.rows - 1);`)}
${isPatch ? eachHeld(cornerOf) : eachHeld((i) => `    let at${i} = row${i} * p.depth;`)}
    let words = ${taps} * p.depth;
${eachHeld((i) => `    var low${i} = vec4f();\n    var high${i} = vec4f();\n    var strange${i} = vec4<bool>();`)}
    for (var word = 0; word < words; word++) {
${goTo('word')}
${eachHeld(
  (i) => `        let seen${i} = ${read(i)};
        low${i} = select(low${i}, seen${i}, seen${i} < low${i});
        high${i} = select(high${i}, seen${i}, seen${i} > high${i});
        strange${i} = strange${i} | (seen${i} != seen${i});`,
)}
    }
${eachHeld(
  (i) => `    let span${i} = rangeOf(low${i}, high${i});
    let isOdd${i} = any(strange${i}) | !(span${i}.y < 3e38);
    let isFlat${i} = span${i}.y <= 1e-30;
    let inverse${i} = select(quotient(127.0, span${i}.y), 0.0, isFlat${i});
    let zero${i} = select(i32(round(times(0.0 - span${i}.x, inverse${i}))), 0, isFlat${i});
    let step${i} = select(quotient(span${i}.y, 127.0), 0.0, isFlat${i});
    let scale${i} = bitcast<f32>(select(bitcast<i32>(step${i}), p.nothing | 0x7fc00000, isOdd${i}));
    var held${i}: array<u32, ${block}>;`,
)}
${repeat(rowsEach, (row) => `    let zeros${row} = ${share('zero', row)};\n    let scales${row} = ${share('scale', row)};`)}
${sums.zeros}
    let firstTile = i32(group.x) * p.tiles;
    let lastTile = min(firstTile + p.tiles, (p.columns + ${threads * tile - 1}) / ${threads * tile});
    for (var done = 0; done < words; done += ${block}) {
      let count = min(${block}, words - done);
      let isLast = done + ${block} >= words;
      for (var word = 0; word < count; word++) {
${goTo('(done + word)')}
${eachHeld((i) => `        held${i}[word] = rounded(${read(i)}, inverse${i}, zero${i});`)}
      }
      for (var one = firstTile; one < lastTile; one++) {
        let column = one * ${threads * tile} + i32(local.x);
${sums.columns}
${sums.goOn}
        var w = done * p.columns;
        for (var word = 0; word < count; word++) {
${eachHeld((i) => `          let v${i} = held${i}[word];`)}
${repeat(rowsEach, (row) => `          let a${row} = ${share('v', row)};`)}
${sums.eachColumn((j) => `          let b${j} = weights[w + n${j}];`)}
${sums.cells((i, j) => `          ${sums.cell(i, j)} += dot4I8Packed(a${i}, b${j});`)}
          w += p.columns;
        }
${sums.eachColumn((j) => `        let total${j} = bitcast<i32>(weights[p.bias + n${j}]);\n        let scaled${j} = bitcast<f32>(weights[p.bias + p.columns + n${j}]);`)}
${sums.end(finish, 'isLast')}
      }
    }`;
  };
  return kernel({
    key: `product ${rows} ${nameOfSums(whole)}`,
    params: sumsParams,
    reads: { input: 'vec4f', weights: 'u32', ...(residual !== 'none' && { residual: 'f32' as const }) },
    writes: { output: 'u32' },
    workgroup: [threads, 1, 1],
    declarations: `${activate(activation, 'f32')}
fn times(x: f32, y: f32) -> f32 { return bitcast<f32>(bitcast<i32>(x * y) ^ p.nothing); }
/** A quotient rounded to the nearest: WGSL leaves 2.5 units in the last place open. Halves of numbers have exact products. */
fn quotient(x: f32, y: f32) -> f32 {
  let high = bitcast<f32>(bitcast<u32>(y) & 0xfffff000u);
  let low = y - high;
  let near = bitcast<i32>(x / y);
  var best = 0.0;
  var least = 3.4e38;
  for (var i = -3; i <= 3; i++) {
    let q = bitcast<f32>(near + i);
    let upper = bitcast<f32>(bitcast<u32>(q) & 0xfffff000u);
    let lower = q - upper;
    let rest = abs((((x - upper * high) - upper * low) - lower * high) - lower * low);
    if (rest < least) { least = rest; best = q; }
  }
  return best;
}
/** The lowest value and the range. */
fn rangeOf(low: vec4f, high: vec4f) -> vec2f {
  let lowest = min(min(low.x, low.y), min(low.z, low.w));
  return vec2f(lowest, max(max(high.x, high.y), max(high.z, high.w)) - lowest);
}
/** Four values in 7 bits: the sum of a product and a whole number, rounded to the nearest even number. */
fn rounded(x: vec4f, inverse: f32, zero: i32) -> u32 {
  let y = bitcast<vec4f>(bitcast<vec4i>(x * inverse) ^ vec4i(p.nothing));
  let near = round(y);
  let below = vec4i(floor(y)) + zero;
  let n = min(select(vec4i(near) + zero, below + (below & vec4i(1)), abs(y - near) == vec4f(0.5)), vec4i(127));
  return u32(n.x) | (u32(n.y) << 8u) | (u32(n.z) << 16u) | (u32(n.w) << 24u);
}`,
    body,
  });
}
