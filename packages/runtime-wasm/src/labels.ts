import type { LabelMapOptions, LabelMapResult, Region } from '@atrous/mask';
import { type BilinearTaps, bilinearTaps, type Tensor } from '@atrous/tensor';
import type { Kernels } from './kernels.ts';

/** So low that it never wins, and finite, so that no difference of two is NaN. */
const never = -3e38;
const classesIn = (classes: number): number => Math.ceil(classes / 4) * 4;
/** Rows that are made before they are copied out. */
const stripRows = 16;

interface Layout {
  readonly logits: number;
  readonly columns: number;
  readonly lines: readonly [number, number];
  readonly scratch: number;
  readonly labels: number;
  readonly confidence: number;
  readonly end: number;
}

function layOut(
  logits: Tensor,
  { width }: Pick<LabelMapOptions, 'width'>,
  region: Region,
  begin: number,
): Layout {
  let at = begin;
  const take = (bytes: number): number => {
    const offset = at;
    at += Math.ceil(bytes / 64) * 64;
    return offset;
  };
  const [, h, w, classes] = logits.shape;
  const lineBytes = region.width * classesIn(classes) * 4;
  return {
    logits: take(h * w * classesIn(classes) * 4),
    columns: take(width * 12),
    lines: [take(lineBytes), take(lineBytes)],
    scratch: take(classesIn(classes) * 4),
    labels: take(region.width * stripRows * 2),
    confidence: take(region.width * stripRows * 4),
    end: at,
  };
}

/** The memory that a label map takes, from `begin` on. */
export const labelMapEnd = (
  logits: Tensor,
  options: LabelMapOptions,
  region: Region,
  begin: number,
): number => layOut(logits, options, region, begin).end;

/**
 * The label map of `mask`, in SIMD: equal labels, confidence to 1e-6. Needs the memory up to `labelMapEnd`. Yields after some rows.
 * @param rows between which rows of logits the picture's lie, and which of those is there first
 */
export function* wasmLabelMap(
  kernels: Kernels,
  memory: ArrayBufferLike,
  logits: Tensor,
  options: LabelMapOptions,
  region: Region,
  begin: number,
  rows?: { readonly down: BilinearTaps; readonly first: number },
): Generator<void, LabelMapResult> {
  const [, h, w, classes] = logits.shape;
  const lanes = classesIn(classes);
  const at = layOut(logits, options, region, begin);
  const padded = new Float32Array(memory, at.logits, h * w * lanes);
  if (lanes === classes) padded.set(logits.data);
  else {
    padded.fill(never);
    for (let pixel = 0; pixel < h * w; pixel++) {
      for (let c = 0; c < classes; c++) padded[pixel * lanes + c] = logits.data[pixel * classes + c];
    }
  }
  const across = bilinearTaps(options.resize, w, options.width);
  new Int32Array(memory, at.columns, options.width).set(across.lower);
  new Int32Array(memory, at.columns + options.width * 4, options.width).set(across.upper);
  new Float32Array(memory, at.columns + options.width * 8, options.width).set(across.fraction);
  const { down, first } = rows ?? { down: bilinearTaps(options.resize, h, options.height), first: 0 };

  const { top, left, height, width } = region;
  const isByte = classes <= 256;
  const Labels = isByte ? Uint8Array : Uint16Array;
  const data = new Labels(height * width);
  const confidence = options.confidence ? new Float32Array(height * width) : undefined;
  const rowIn = [-1, -1];
  /** The line that holds a stretched row; the other one stays. */
  const stretch = (row: number, keep: number): number => {
    let line = rowIn.indexOf(row);
    if (line < 0) {
      line = rowIn[0] === keep ? 1 : 0;
      rowIn[line] = row;
      kernels.stretchRow(
        at.logits + (row - first) * w * lanes * 4,
        lanes,
        at.columns,
        options.width,
        left,
        width,
        at.lines[line],
      );
    }
    return at.lines[line];
  };
  for (let y = 0; y < height; y += stripRows) {
    const count = Math.min(stripRows, height - y);
    for (let i = 0; i < count; i++) {
      const row = top + y + i;
      const above = stretch(down.lower[row], down.upper[row]);
      const below = stretch(down.upper[row], down.lower[row]);
      const labels = at.labels + i * width * (isByte ? 1 : 2);
      const certain = confidence ? at.confidence + i * width * 4 : 0;
      kernels.labelRow(
        above,
        below,
        down.fraction[row],
        lanes,
        width,
        at.scratch,
        labels,
        Number(isByte),
        certain,
      );
    }
    data.set(new Labels(memory as ArrayBuffer, at.labels, count * width), y * width);
    confidence?.set(new Float32Array(memory, at.confidence, count * width), y * width);
    yield;
  }
  return { labels: { height, width, data }, ...(confidence && { confidence }) };
}
