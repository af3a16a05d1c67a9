import { AtrousError } from '@atrous/tensor';
import { type BootstrapOptions, bootstrap, inARow, sumAt } from './bootstrap.ts';
import { classMeasures, measuresOf, type Share, wholeMeasures } from './measures.ts';
import type { ScoredPicture } from './summary.ts';
import { emptyTally } from './tally.ts';

/** How a score differs between two models; null where one of them has none. */
export interface Difference {
  readonly first: Share;
  readonly second: Share;
  /** Second less first. */
  readonly difference: number | null;
  /** Where that would lie with other pictures of the same kind. Without 0 between them, the difference is more than chance. */
  readonly low: number | null;
  readonly high: number | null;
}

type WholeMeasure = (typeof wholeMeasures)[number];
type ClassMeasure = (typeof classMeasures)[number];

/** Two models on the same pictures. Plain data. */
export interface Differences extends Readonly<Record<WholeMeasure, Difference>> {
  readonly pictures: number;
  readonly classes: Readonly<Record<string, Readonly<Record<ClassMeasure, Difference>>>>;
}

/**
 * Compares two models by the pictures that both were scored on. Each drawing takes the same pictures for both, so that what
 * makes a picture hard for either falls out, and small differences show.
 * @param classes names by id
 * @throws AtrousError `input` where they have no picture in common
 */
export function differencesOf(
  first: readonly ScoredPicture[],
  second: readonly ScoredPicture[],
  classes: readonly string[],
  options?: BootstrapOptions,
): Differences {
  const others = new Map(second.map(({ name, tally }) => [name, tally]));
  const pairs = first.flatMap(({ name, tally }) => {
    const other = others.get(name);
    return other ? [[tally, other] as const] : [];
  });
  if (pairs.length === 0) throw new AtrousError('input', 'compare: no picture was scored by both models');
  const sides = [0, 1].map((side) => pairs.map((pair) => pair[side]));
  const totals = sides.map(() => emptyTally(classes.length));
  const measured = (drawn: Int32Array) =>
    sides.map((tallies, side) => inARow(measuresOf(sumAt(tallies, drawn, totals[side]))));
  const less = ([a, b]: Share[][]) =>
    a.map((value, i) => (value === null || b[i] === null ? null : b[i] - value));
  const [ours, theirs] = measured(Int32Array.from(pairs.keys()));
  const intervals = bootstrap(pairs.length, (drawn) => less(measured(drawn)), options);
  const all = less([ours, theirs]).map(
    (difference, i): Difference => ({
      first: ours[i],
      second: theirs[i],
      difference,
      low: intervals[i]?.low ?? null,
      high: intervals[i]?.high ?? null,
    }),
  );
  const named = <Name extends string>(names: readonly Name[], at: (i: number) => Difference) =>
    Object.fromEntries(names.map((name, i) => [name, at(i)])) as Record<Name, Difference>;
  const count = classes.length;
  return {
    pictures: pairs.length,
    ...named(wholeMeasures, (i) => all[classMeasures.length * count + i]),
    classes: Object.fromEntries(
      classes.map((name, k) => [name, named(classMeasures, (i) => all[i * count + k])]),
    ),
  };
}
