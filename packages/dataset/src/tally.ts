import type { ConfusionMatrix } from '@atrous/mask';

/** Pixels of a picture, or of many: what every score is made of, by class. */
export interface Tally {
  /** That the labels have. */
  readonly truth: Float64Array;
  /** That the predictions have, where labels are counted. */
  readonly predicted: Float64Array;
  /** That both have. */
  readonly both: Float64Array;
}

/** Nothing counted yet. */
export const emptyTally = (classes: number): Tally => ({
  truth: new Float64Array(classes),
  predicted: new Float64Array(classes),
  both: new Float64Array(classes),
});

/** Rows, columns and diagonal of a confusion matrix. */
export function tallyOf({ classes, counts }: ConfusionMatrix): Tally {
  const tally = emptyTally(classes);
  for (let label = 0; label < classes; label++) {
    for (let guess = 0; guess < classes; guess++) {
      const count = counts[label * classes + guess];
      tally.truth[label] += count;
      tally.predicted[guess] += count;
    }
    tally.both[label] = counts[label * classes + label];
  }
  return tally;
}

/** Adds one tally to another. */
export function addTally(total: Tally, { truth, predicted, both }: Tally): void {
  for (let k = 0; k < truth.length; k++) {
    total.truth[k] += truth[k];
    total.predicted[k] += predicted[k];
    total.both[k] += both[k];
  }
}

/** All of them together. */
export function sumTallies(tallies: readonly Tally[], classes: number): Tally {
  const total = emptyTally(classes);
  for (const tally of tallies) addTally(total, tally);
  return total;
}
