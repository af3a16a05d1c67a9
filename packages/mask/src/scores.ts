import { AtrousError } from '@atrous/tensor';
import type { LabelMap } from './label_map.ts';

/** How often each class was taken for each: `counts[truth * classes + predicted]`. */
export interface ConfusionMatrix {
  readonly classes: number;
  readonly counts: Float64Array;
}

export interface Scores {
  /** Intersection over union by class; null for a class that neither labels nor predictions have. */
  readonly iou: readonly (number | null)[];
  /** Mean of the IoUs over the classes that occur. */
  readonly miou: number;
  /** Share of the labelled pixels that are right. */
  readonly accuracy: number;
}

/** An empty matrix. */
export function confusionMatrix(classes: number): ConfusionMatrix {
  return { classes, counts: new Float64Array(classes * classes) };
}

/** Counts one picture in. Truth ids from the class count up mean: ignore. @throws AtrousError `shape` when the sizes differ */
export function countInto({ classes, counts }: ConfusionMatrix, predicted: LabelMap, truth: LabelMap): void {
  if (predicted.width !== truth.width || predicted.height !== truth.height) {
    throw new AtrousError(
      'shape',
      `prediction ${predicted.height}×${predicted.width} and labels ${truth.height}×${truth.width} differ in size`,
    );
  }
  for (let i = 0; i < truth.data.length; i++) {
    const label = truth.data[i];
    if (label < classes) counts[label * classes + predicted.data[i]]++;
  }
}

/** IoU per class, mean IoU and pixel accuracy of everything counted. */
export function scoresOf({ classes, counts }: ConfusionMatrix): Scores {
  let right = 0;
  let all = 0;
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
    const union = truth + predicted - both;
    return union > 0 ? both / union : null;
  });
  const there = iou.filter((value) => value !== null);
  return {
    iou,
    miou: there.length ? there.reduce((sum, value) => sum + value, 0) / there.length : 0,
    accuracy: all > 0 ? right / all : 0,
  };
}
