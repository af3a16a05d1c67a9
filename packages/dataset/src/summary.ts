import { type BootstrapOptions, bootstrap, type Interval, measureIntervals } from './bootstrap.ts';
import { type BoundaryTally, boundaryScores } from './boundary.ts';
import { type Group, groupsOf, type Tags } from './groups.ts';
import {
  type classMeasures,
  meanOf,
  measuresOf,
  pictureMeans,
  type Share,
  type wholeMeasures,
} from './measures.ts';
import { sumTallies, type Tally } from './tally.ts';

/** A picture that was scored. */
export interface ScoredPicture {
  readonly name: string;
  readonly tally: Tally;
  readonly tags: Tags;
  /** Where borders were scored, too. */
  readonly boundary?: BoundaryTally;
}

/** A score as one ratio over all pixels, and its interval; null where there is nothing to compute. */
export interface Estimate {
  readonly value: Share;
  readonly low: number | null;
  readonly high: number | null;
}

export interface ClassSummary {
  /** In how many pictures the labels have it. */
  readonly pictures: number;
  /** How many pixels the labels have of it. */
  readonly pixels: number;
  readonly iou: Estimate;
  readonly precision: Estimate;
  readonly recall: Estimate;
  /** Equal to Dice. */
  readonly f1: Estimate;
  /** Mean of the IoU of each picture by itself, over those whose labels or predictions have the class. */
  readonly iouOverPictures: Share;
  /** Boundary F-score, mean over the pictures that have one; there where borders were scored. */
  readonly boundaryF?: Estimate;
}

/** Scores of a set of pictures. Plain data. */
export interface Summary {
  readonly pictures: number;
  readonly miou: Estimate;
  readonly frequencyWeightedIou: Estimate;
  readonly accuracy: Estimate;
  readonly meanAccuracy: Estimate;
  /** Mean of the classes' boundary F-scores; there where borders were scored. */
  readonly boundaryF?: Estimate;
  /** Means of what each picture gives by itself. */
  readonly miouOverPictures: Share;
  readonly accuracyOverPictures: Share;
  readonly classes: Readonly<Record<string, ClassSummary>>;
}

/** Scores of the pictures of one group. */
export interface GroupSummary extends Summary {
  readonly by: string;
  readonly group: string;
}

/** Scores of pictures, each with an interval over pictures. @param classes names by id */
export function summarize(
  pictures: readonly ScoredPicture[],
  classes: readonly string[],
  options?: BootstrapOptions,
): Summary {
  const tallies = pictures.map(({ tally }) => tally);
  const total = sumTallies(tallies, classes.length);
  const measures = measuresOf(total);
  const intervals = measureIntervals(tallies, classes.length, options);
  const means = pictureMeans(tallies, classes.length);
  const borders = boundaryEstimates(pictures, classes.length, options);
  const byClass = classes.map((name, k): [string, ClassSummary] => {
    const of = (measure: (typeof classMeasures)[number]) =>
      estimate(measures[measure][k], intervals[measure][k]);
    return [
      name,
      {
        pictures: tallies.filter(({ truth }) => truth[k] > 0).length,
        pixels: total.truth[k],
        iou: of('iou'),
        precision: of('precision'),
        recall: of('recall'),
        f1: of('f1'),
        iouOverPictures: means.iou[k],
        ...(borders && { boundaryF: borders.classes[k] }),
      },
    ];
  });
  const whole = (measure: (typeof wholeMeasures)[number]) => estimate(measures[measure], intervals[measure]);
  return {
    pictures: pictures.length,
    miou: whole('miou'),
    frequencyWeightedIou: whole('frequencyWeightedIou'),
    accuracy: whole('accuracy'),
    meanAccuracy: whole('meanAccuracy'),
    ...(borders && { boundaryF: borders.mean }),
    miouOverPictures: means.miou,
    accuracyOverPictures: means.accuracy,
    classes: Object.fromEntries(byClass),
  };
}

/** Scores by group, in the order of `groupsOf`. */
export function summarizeGroups(
  pictures: readonly ScoredPicture[],
  classes: readonly string[],
  options?: BootstrapOptions,
): GroupSummary[] {
  return groupsOf(pictures.map(({ tags }) => tags)).map(({ by, group, members }: Group) => ({
    by,
    group,
    ...summarize(
      members.map((i) => pictures[i]),
      classes,
      options,
    ),
  }));
}

/** The pictures with the lowest mean IoU, the lowest first. */
export function lowest(
  pictures: readonly ScoredPicture[],
  count: number,
): { readonly picture: string; readonly miou: number }[] {
  return pictures
    .flatMap(({ name, tally }) => {
      const { miou } = measuresOf(tally);
      return miou === null ? [] : [{ picture: name, miou }];
    })
    .sort((a, b) => a.miou - b.miou || (a.picture < b.picture ? -1 : 1))
    .slice(0, count);
}

/** Boundary F-scores by class, and their mean; none where a picture has no borders counted. */
function boundaryEstimates(
  pictures: readonly ScoredPicture[],
  classes: number,
  options?: BootstrapOptions,
): { readonly classes: readonly Estimate[]; readonly mean: Estimate } | undefined {
  const scores = pictures.map(({ boundary }) => boundary && boundaryScores(boundary));
  if (scores.length === 0 || !scores.every((own) => own !== undefined)) return undefined;
  const of = (drawn: Iterable<number>): Share[] => {
    const own = Array.from(drawn, (at) => scores[at]);
    const byClass = Array.from({ length: classes }, (_, k) => meanOf(own.map((each) => each[k])));
    return [...byClass, meanOf(byClass)];
  };
  const intervals = bootstrap(pictures.length, of, options);
  const found = of(pictures.keys()).map((value, k) => estimate(value, intervals[k]));
  return { classes: found.slice(0, classes), mean: found[classes] };
}

const estimate = (value: Share, interval: Interval | null): Estimate => ({
  value,
  low: interval?.low ?? null,
  high: interval?.high ?? null,
});
