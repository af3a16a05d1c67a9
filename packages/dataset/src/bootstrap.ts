import { AtrousError } from '@atrous/tensor';
import { classMeasures, type Measures, measuresOf, type Share, wholeMeasures } from './measures.ts';
import { randomIndices } from './random.ts';
import { emptyTally, type Tally } from './tally.ts';

/** Where a score would lie with other pictures of the same kind. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** How often pictures are drawn. @default 1000 */
  readonly resamples?: number;
  /** How much of the resamples an interval holds. @default 0.95 */
  readonly level?: number;
  /** The same seed gives the same intervals. @default 0 */
  readonly seed?: number;
}

/** What `bootstrap` uses where nothing else is said. */
export const bootstrapDefaults: Required<BootstrapOptions> = { resamples: 1000, level: 0.95, seed: 0 };

/**
 * Percentile intervals (Efron 1979): items are drawn with replacement, as many as there are, and each statistic is
 * computed of what was drawn. Pictures are what is drawn, never pixels: pixels of one picture are not independent.
 * @param statistics of the items at these places; null where a drawing has nothing to compute
 * @returns an interval per statistic; null for fewer than two items and where every drawing was null
 * @throws AtrousError `input` for options that are out of range
 */
export function bootstrap(
  items: number,
  statistics: (drawn: Int32Array) => readonly Share[],
  options: BootstrapOptions = {},
): (Interval | null)[] {
  const { resamples, level, seed } = { ...bootstrapDefaults, ...options };
  if (!(Number.isInteger(resamples) && resamples >= 1 && level > 0 && level < 1))
    throw new AtrousError(
      'input',
      `bootstrap: ${resamples} resamples at level ${level}: expected at least 1 resample and a level between 0 and 1`,
    );
  if (items < 2) return statistics(new Int32Array(items)).map(() => null);
  const draw = randomIndices(seed);
  const drawn = new Int32Array(items);
  const values: number[][] = [];
  for (let round = 0; round < resamples; round++) {
    for (let i = 0; i < items; i++) drawn[i] = draw(items);
    statistics(drawn).forEach((value, k) => {
      values[k] ??= [];
      if (value !== null) values[k].push(value);
    });
  }
  const tail = (1 - level) / 2;
  return values.map((found) => {
    if (found.length === 0) return null;
    const sorted = Float64Array.from(found).sort();
    return { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
  });
}

/** Linear between order statistics, as NumPy's default. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

/** Intervals of `Measures`, in the same places. */
export type MeasureIntervals = {
  readonly [measure in keyof Measures]: Measures[measure] extends Share
    ? Interval | null
    : readonly (Interval | null)[];
};

/** Intervals of all scores of pictures, by drawing pictures. */
export function measureIntervals(
  tallies: readonly Tally[],
  classes: number,
  options?: BootstrapOptions,
): MeasureIntervals {
  const total = emptyTally(classes);
  const found = bootstrap(
    tallies.length,
    (drawn) => inARow(measuresOf(sumAt(tallies, drawn, total))),
    options,
  );
  return {
    ...pick(classMeasures, (i) => found.slice(i * classes, (i + 1) * classes)),
    ...pick(wholeMeasures, (i) => found[classMeasures.length * classes + i]),
  };
}

const pick = <Name extends string, Value>(names: readonly Name[], at: (i: number) => Value) =>
  Object.fromEntries(names.map((name, i) => [name, at(i)])) as Record<Name, Value>;

/** Scores as one list: those of each class, then those of the whole. */
export const inARow = (measures: Measures): Share[] => [
  ...classMeasures.flatMap((name) => measures[name]),
  ...wholeMeasures.map((name) => measures[name]),
];

/** Sums into `total`, which a thousand resamples share. */
export function sumAt(tallies: readonly Tally[], drawn: Int32Array, total: Tally): Tally {
  for (const key of ['truth', 'predicted', 'both'] as const) {
    const sums = total[key].fill(0);
    for (const at of drawn) {
      const own = tallies[at][key];
      for (let k = 0; k < sums.length; k++) sums[k] += own[k];
    }
  }
  return total;
}
