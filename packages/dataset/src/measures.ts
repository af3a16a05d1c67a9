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
  /** Share of the counted pixels that are right. */
  readonly accuracy: Share;
}

/** IoU, precision, recall and F1 by class, mean IoU and pixel accuracy. */
export function measuresOf({ truth, predicted, both }: Tally): Measures {
  const byClass = (share: (k: number) => Share) => Array.from(truth, (_, k) => share(k));
  const iou = byClass((k) => ratio(both[k], truth[k] + predicted[k] - both[k]));
  return {
    iou,
    precision: byClass((k) => ratio(both[k], predicted[k])),
    recall: byClass((k) => ratio(both[k], truth[k])),
    f1: byClass((k) => ratio(2 * both[k], truth[k] + predicted[k])),
    miou: meanOf(iou),
    accuracy: ratio(sum(both), sum(truth)),
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
