import { type LabelMap, type LabelMapOptions, labelMap } from '@atrous/mask';
import type { Tensor } from '@atrous/tensor';
import type { SoftCut } from './soft_cut.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What a model found in a picture: everything else is worked out from the logits where it is asked for. */
export interface Found extends Size {
  readonly logits: Tensor;
  readonly resize: LabelMapOptions['resize'];
  /** Classes that a cut-out never keeps, and that are not drawn over a picture. */
  readonly background: readonly number[];
  /** Left out where memory is short: the logits give the same ones again. */
  labels?: LabelMap;
}

/** A picture with its mask. */
export interface Scene {
  /** Where the picture comes from: it is decoded when it is shown. */
  readonly source?: Blob;
  picture?: ImageBitmap | VideoFrame;
  found?: Found;
  /** Confidence at a size for looking; made at first sight. */
  confidence?: OffscreenCanvas;
  /** What is kept of it, of a still picture; made at first sight. */
  soft?: SoftCut;
  /** What is behind the other classes than these, out of focus; made at first sight. */
  blurred?: { readonly leftOut: string; readonly canvas: OffscreenCanvas };
}

export const sizeOfPicture = (picture: ImageBitmap | VideoFrame): Size =>
  'displayWidth' in picture
    ? { width: picture.displayWidth, height: picture.displayHeight }
    : { width: picture.width, height: picture.height };

/** Label maps at full size that are kept, together, in pixels. */
const keptPixels = 1 << 26;
const recent: Found[] = [];

/** The label map at the picture's size. */
export function labelsOf(found: Found): LabelMap {
  const { logits, width, height, resize } = found;
  found.labels ??= labelMap(logits, { width, height, resize }).labels;
  if (recent.at(-1) === found) return found.labels;
  forgetLabels(found);
  recent.push(found);
  let pixels = recent.reduce((sum, each) => sum + each.width * each.height, 0);
  for (; pixels > keptPixels && recent.length > 1; pixels -= recent[0].width * recent.shift()!.height) {
    recent[0].labels = undefined;
  }
  return found.labels;
}

export function forgetLabels(found: Found | undefined): void {
  const at = found ? recent.indexOf(found) : -1;
  if (at >= 0) recent.splice(at, 1);
}

/** Class and confidence of one pixel. */
export function inspect({ logits, width, height, resize }: Found, left: number, top: number) {
  const region = { left, top, width: 1, height: 1 };
  const { labels, confidence } = labelMap(logits, { width, height, resize, region, confidence: true });
  return { id: labels.data[0], confidence: confidence![0] };
}
