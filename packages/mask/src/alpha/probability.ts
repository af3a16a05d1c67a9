import { AtrousError, describeSpec, type ResizeConvention, type Tensor } from '@atrous/tensor';
import type { LabelMap } from '../label_map.ts';

/** How likely each place of a picture shows what is kept: a coarse map that covers the whole picture. */
export interface Probability {
  readonly height: number;
  readonly width: number;
  /** 0 to 1, row by row. */
  readonly data: Float32Array;
  /** How its samples lie over the picture. */
  readonly resize: ResizeConvention;
}

/** @throws AtrousError `shape` for data that do not fill the size */
export function checkProbability({ width, height, data }: Probability): void {
  if (data.length > 0 && data.length === width * height) return;
  throw new AtrousError(
    'shape',
    `probability: expected ${width}×${height} numbers (width × height), got ${data.length}`,
  );
}

/**
 * The softmax of logits [1,h,w,classes], summed over the classes that are kept, at the logits' own size.
 * @throws AtrousError `shape`
 */
export function classProbability(
  logits: Tensor,
  kept: Iterable<number>,
  resize: ResizeConvention,
): Probability {
  if (logits.dtype !== 'float32' || logits.shape.length !== 4 || logits.shape[0] !== 1)
    throw new AtrousError(
      'shape',
      `classProbability: expected logits float32[1,h,w,classes], got ${describeSpec(logits)}`,
    );
  const [, height, width, classes] = logits.shape;
  const isKept = keptTable(kept, classes);
  const values = logits.data as Float32Array;
  const data = new Float32Array(height * width);
  for (let i = 0, at = 0; i < data.length; i++, at += classes) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) if (values[at + c] > largest) largest = values[at + c];
    let sum = 0;
    let chosen = 0;
    for (let c = 0; c < classes; c++) {
      const value = Math.exp(values[at + c] - largest);
      sum += value;
      if (isKept[c]) chosen += value;
    }
    data[i] = chosen / sum;
  }
  return { height, width, data, resize };
}

/** A probability out of labels has this many samples along its longer side at most: what a network's logits have. */
const samplesOfLabels = 160;

/**
 * The same where only labels are left: the mean over blocks of pixels, of `confidence` where a kept class won and of
 * its rest where another did; without a confidence, the share of kept pixels.
 * @throws AtrousError `shape` for a confidence of another size
 */
export function labelProbability(
  labels: LabelMap,
  kept: Iterable<number>,
  confidence?: Float32Array,
): Probability {
  if (confidence && confidence.length !== labels.data.length)
    throw new AtrousError(
      'shape',
      `labelProbability: ${labels.height}×${labels.width} labels, and ${confidence.length} confidences`,
    );
  const isKept = keptTable(kept, labels.data instanceof Uint8Array ? 256 : 65536);
  const block = Math.ceil(Math.max(labels.width, labels.height) / samplesOfLabels);
  const width = Math.ceil(labels.width / block);
  const height = Math.ceil(labels.height / block);
  const sums = new Float64Array(width * height);
  const counts = new Float64Array(width * height);
  for (let y = 0, i = 0; y < labels.height; y++) {
    const row = Math.floor(y / block) * width;
    for (let x = 0; x < labels.width; x++, i++) {
      const sure = confidence ? confidence[i] : 1;
      const at = row + Math.floor(x / block);
      sums[at] += isKept[labels.data[i]] ? sure : 1 - sure;
      counts[at]++;
    }
  }
  return { height, width, data: Float32Array.from(sums, (sum, i) => sum / counts[i]), resize: 'half-pixel' };
}

function keptTable(kept: Iterable<number>, classes: number): Uint8Array {
  const table = new Uint8Array(classes);
  for (const id of kept) table[id] = 1;
  return table;
}
