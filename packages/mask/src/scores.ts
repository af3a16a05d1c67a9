import { AtrousError } from '@atrous/tensor';
import type { LabelMap } from './label_map.ts';

/** How often each class was taken for each: `counts[truth * classes + predicted]`. */
export interface ConfusionMatrix {
  readonly classes: number;
  readonly counts: Float64Array;
  /** Pixels that were left out, by the id that their label has (0 to 65535). */
  readonly ignored: Float64Array;
}

export interface Scores {
  /** Intersection over union by class; null for a class that neither labels nor predictions have. */
  readonly iou: readonly (number | null)[];
  /** Mean of the IoUs over the classes that occur; null where none does. */
  readonly miou: number | null;
  /** Share of the labelled pixels that are right; null where no pixel is labelled. */
  readonly accuracy: number | null;
  /** Share of all pixels that were left out, 0 to 1; null where there were no pixels. */
  readonly ignored: number | null;
  /** The ids that were left out, the most frequent first. */
  readonly ignoredIds: readonly number[];
  /** The classes that no label has: their IoU is 0 or null whatever the model does. */
  readonly absent: readonly number[];
}

/** An empty matrix. */
export function confusionMatrix(classes: number): ConfusionMatrix {
  return { classes, counts: new Float64Array(classes * classes), ignored: new Float64Array(65536) };
}

/**
 * Counts one picture in. Truth ids from the class count up, and `ignoreId`, are left out, and counted as that.
 * @throws AtrousError `shape` when the sizes differ, `input` for a prediction that is no class
 */
export function countInto(
  { classes, counts, ignored }: ConfusionMatrix,
  predicted: LabelMap,
  truth: LabelMap,
  ignoreId?: number,
): void {
  if (predicted.width !== truth.width || predicted.height !== truth.height) {
    throw new AtrousError(
      'shape',
      `prediction ${predicted.height}×${predicted.width} and labels ${truth.height}×${truth.width} differ in size`,
    );
  }
  for (let i = 0; i < truth.data.length; i++) {
    const label = truth.data[i];
    const guess = predicted.data[i];
    if (guess >= classes)
      throw new AtrousError(
        'input',
        `prediction ${guess} is none of the ${classes} classes that are counted`,
      );
    if (label < classes && label !== ignoreId) counts[label * classes + guess]++;
    else ignored[label]++;
  }
}

/** IoU per class, mean IoU and pixel accuracy of everything counted, and what was left out of them. */
export function scoresOf({ classes, counts, ignored }: ConfusionMatrix): Scores {
  let right = 0;
  let all = 0;
  const absent: number[] = [];
  const iou = Array.from({ length: classes }, (_, k) => {
    let truth = 0;
    let predicted = 0;
    for (let j = 0; j < classes; j++) {
      truth += counts[k * classes + j];
      predicted += counts[j * classes + k];
    }
    const both = counts[k * classes + k];
    right += both;
    all += truth;
    if (truth === 0) absent.push(k);
    return ratio(both, truth + predicted - both);
  });
  const there = iou.filter((value) => value !== null);
  const ignoredIds: number[] = [];
  for (let id = 0; id < ignored.length; id++) if (ignored[id] > 0) ignoredIds.push(id);
  ignoredIds.sort((a, b) => ignored[b] - ignored[a]);
  const leftOut = ignoredIds.reduce((sum, id) => sum + ignored[id], 0);
  return {
    iou,
    miou: ratio(
      there.reduce((sum, value) => sum + value, 0),
      there.length,
    ),
    accuracy: ratio(right, all),
    ignored: ratio(leftOut, all + leftOut),
    ignoredIds,
    absent,
  };
}

/** A share; null of nothing. */
const ratio = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
