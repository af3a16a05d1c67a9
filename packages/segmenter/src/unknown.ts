import type { LabelMap, LabelMapResult } from '@atrous/mask';

/** The id of pixels whose class is not sure enough: the last that a label map can hold, which label files leave uncounted. */
export const unknownId = ({ data }: LabelMap): number => (data instanceof Uint8Array ? 255 : 65535);

/** Makes unknown what is less probable than a share. */
export function blankUnsure({ labels, confidence }: LabelMapResult, minConfidence: number): void {
  const unknown = unknownId(labels);
  for (let i = 0; i < labels.data.length; i++) {
    if (confidence![i] < minConfidence) labels.data[i] = unknown;
  }
}
