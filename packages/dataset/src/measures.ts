import type { Tally } from './tally.ts';

/** A share of 0 to 1; null of nothing. */
export type Share = number | null;

/** Scores of a tally: each is one ratio over all of its pixels. */
export interface Measures {
  /** Intersection over union by class; null for a class that neither labels nor predictions have. */
  readonly iou: readonly Share[];
  /** Share of the pixels taken for a class that are of it; null where none is. */
  readonly precision: readonly Share[];
  /** Share of the pixels of a class that are taken for it; null where there are none. */
  readonly recall: readonly Share[];
  /** Harmonic mean of the two, which for sets of pixels is the Dice coefficient. */
  readonly f1: readonly Share[];
  /** Mean of the IoUs that are not null. */
  readonly miou: Share;
  /** The IoUs weighted by how many pixels the labels have of each class: what small classes hardly change. */
  readonly frequencyWeightedIou: Share;
  /** Share of the counted pixels that are right. */
  readonly accuracy: Share;
  /** Mean of the recalls that are not null, which is each class's own accuracy. */
  readonly meanAccuracy: Share;
}

/** The four scores of semantic segmentation (Long, Shelhamer and Darrell 2015, section 5), and precision, recall and F1 by class. */
export function measuresOf({ truth, predicted, both }: Tally): Measures {
  const byClass = (share: (k: number) => Share) => Array.from(truth, (_, k) => share(k));
  const iou = byClass((k) => ratio(both[k], truth[k] + predicted[k] - both[k]));
  const recall = byClass((k) => ratio(both[k], truth[k]));
  return {
    iou,
    precision: byClass((k) => ratio(both[k], predicted[k])),
    recall,
    f1: byClass((k) => ratio(2 * both[k], truth[k] + predicted[k])),
    miou: meanOf(iou),
    frequencyWeightedIou: ratio(sum(iou.map((value, k) => (value ?? 0) * truth[k])), sum(truth)),
    accuracy: ratio(sum(both), sum(truth)),
    meanAccuracy: meanOf(recall),
  };
}

/** Scores of each picture by itself, averaged: every picture weighs the same, whatever its size. */
export interface PictureMeans {
  /** By class: over the pictures whose labels or predictions have it. */
  readonly iou: readonly Share[];
  /** Over the pictures with anything to score: the mean IoU of each. */
  readonly miou: Share;
  readonly accuracy: Share;
}

/** Means over pictures. */
export function pictureMeans(tallies: readonly Tally[], classes: number): PictureMeans {
  const each = tallies.map(measuresOf);
  return {
    iou: Array.from({ length: classes }, (_, k) => meanOf(each.map(({ iou }) => iou[k]))),
    miou: meanOf(each.map(({ miou }) => miou)),
    accuracy: meanOf(each.map(({ accuracy }) => accuracy)),
  };
}

/** Names of the scores that each class has one of. */
export const classMeasures = ['iou', 'precision', 'recall', 'f1'] as const;
/** Names of the scores of a whole tally. */
export const wholeMeasures = ['miou', 'frequencyWeightedIou', 'accuracy', 'meanAccuracy'] as const;

/** Mean of what is not null. */
export function meanOf(values: readonly Share[]): Share {
  const there = values.filter((value) => value !== null);
  return ratio(sum(there), there.length);
}

const ratio = (part: number, whole: number): Share => (whole > 0 ? part / whole : null);

function sum(values: Iterable<number>): number {
  let all = 0;
  for (const value of values) all += value;
  return all;
}
