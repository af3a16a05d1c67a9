import type { LabelMap, LabelMapResult } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';

/** The id of pixels whose class is not sure enough: the last that a label map can hold, which label files leave uncounted. */
export const unknownId = ({ data }: LabelMap): number => (data instanceof Uint8Array ? 255 : 65535);

/**
 * Makes unknown what is less probable than a share.
 * @throws AtrousError `input` where every id is a class's
 */
export function blankUnsure(
  { labels, confidence }: LabelMapResult,
  minConfidence: number,
  classes: number,
): void {
  const unknown = unknownId(labels);
  if (classes > unknown)
    throw new AtrousError('input', `minConfidence: ${classes} classes leave no id for what is unknown`);
  for (let i = 0; i < labels.data.length; i++) {
    if (confidence![i] < minConfidence) labels.data[i] = unknown;
  }
}
