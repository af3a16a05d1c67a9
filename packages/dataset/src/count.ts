import { type ConfusionMatrix, confusionMatrix, type LabelMap } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';
import { type ClassTable, ignoredPixel, notMapped, unmapped } from './class_table.ts';

/** What ids of predictions and of labels become. */
export interface Mapping {
  /** The classes that are counted, by name. */
  readonly classes: readonly string[];
  readonly predictions: ClassTable;
  readonly labels: ClassTable;
}

/**
 * The confusion matrix of one picture, both sides mapped. Ignored pixels are counted by the id that their label has.
 * @param file names the labels in errors
 * @throws AtrousError `shape` when the sizes differ, `input` for an id that no class takes
 */
export function countPicture(
  predicted: LabelMap,
  truth: LabelMap,
  { classes, predictions, labels }: Mapping,
  file: string,
): ConfusionMatrix {
  if (predicted.width !== truth.width || predicted.height !== truth.height)
    throw new AtrousError(
      'shape',
      `prediction ${predicted.height}×${predicted.width} and labels ${truth.height}×${truth.width} differ in size`,
    );
  const matrix = confusionMatrix(classes.length);
  const { counts, ignored } = matrix;
  for (let i = 0; i < truth.data.length; i++) {
    const guess = predictions.table[predicted.data[i]];
    if (guess < 0) throw notMapped(predicted, i, predictions.expected, `prediction for ${file}`);
    const label = labels.table[truth.data[i]];
    if (label >= 0) counts[label * classes.length + guess]++;
    else if (label === ignoredPixel) ignored[truth.data[i]]++;
    else if (label === unmapped) throw notMapped(truth, i, labels.expected, file);
  }
  return matrix;
}

/** Adds what was counted in one matrix to another. */
export function addCounts(total: ConfusionMatrix, { counts, ignored }: ConfusionMatrix): void {
  for (let i = 0; i < counts.length; i++) total.counts[i] += counts[i];
  for (let id = 0; id < ignored.length; id++) total.ignored[id] += ignored[id];
}
