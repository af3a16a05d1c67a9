import {
  AtrousError,
  type BilinearTaps,
  bilinearTaps,
  describeSpec,
  type ResizeConvention,
  type Tensor,
  type TensorSpec,
} from '@atrous/tensor';

/** One class id per pixel, row by row. */
export interface LabelMap {
  readonly height: number;
  readonly width: number;
  readonly data: Uint8Array | Uint16Array;
}

/** A rectangle of the picture. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

export interface LabelMapOptions {
  /** The picture's size: the logits are resized to it. */
  readonly height: number;
  readonly width: number;
  readonly resize: ResizeConvention;
  /** Only this part of the picture. @default all of it */
  readonly region?: Region;
  /** Also give the probability of the winning class. @default false */
  readonly confidence?: boolean;
}

export interface LabelMapResult {
  readonly labels: LabelMap;
  /** Softmax of the resized logits at the winning class, per pixel of the label map. */
  readonly confidence?: Float32Array;
}

/** Where a band of logits lies among all of a picture's. */
export interface LogitsBand {
  /** The row of all that is the band's first. */
  readonly first: number;
  /** How many rows there are in all. */
  readonly total: number;
}

/** The signature that runtimes with a faster one of their own share. */
export type LabelMapFunction = (
  logits: Tensor,
  options: LabelMapOptions,
  band?: LogitsBand,
) => LabelMapResult;

/** What can make label maps besides logits, faster or elsewhere. */
export interface LabelMapper {
  labelMap(logits: Tensor, options: LabelMapOptions): Promise<LabelMapResult>;
}

const { fround } = Math;

/**
 * Logits [1,h,w,classes] to a label map of any size, resizing and taking the arg-max row by row, so that full-size
 * logits never exist. float32 at every step: horizontal before vertical, `a + (b − a)·t`, ties to the lowest class.
 * @param band where only some rows of the logits are given: those that the region needs, and the one after them
 * @throws AtrousError `shape`
 */
export function labelMap(logits: Tensor, options: LabelMapOptions, band?: LogitsBand): LabelMapResult {
  const { height, width, resize } = options;
  const region = regionOf(logits, options);
  const { top, left, height: rows, width: columns } = region;
  const [, , inWidth, classes] = logits.shape;
  const { down: vertical, first } = bandTaps(logits, resize, height, region, band);
  const horizontal = bilinearTaps(resize, inWidth, width);
  const data = classes <= 256 ? new Uint8Array(rows * columns) : new Uint16Array(rows * columns);
  const confidence = options.confidence ? new Float32Array(rows * columns) : undefined;

  // The two source rows that an output row lies between, stretched to the output's width; kept while they serve.
  const stretched = [0, 1].map(() => ({ row: -1, data: new Float32Array(columns * classes) }));
  const stretch = (row: number, keep: number): Float32Array => {
    const known = stretched.find((line) => line.row === row);
    if (known) return known.data;
    const line = stretched.find((candidate) => candidate.row !== keep)!;
    line.row = row;
    const begin = (row - first) * inWidth * classes;
    stretchRow(logits.data as Float32Array, begin, classes, horizontal, left, line.data);
    return line.data;
  };

  const blended = new Float32Array(classes);
  for (let y = 0; y < rows; y++) {
    const lower = vertical.lower[top + y];
    const upper = vertical.upper[top + y];
    const t = vertical.fraction[top + y];
    const above = stretch(lower, upper);
    const below = stretch(upper, lower);
    for (let x = 0; x < columns; x++) {
      const at = x * classes;
      let best = 0;
      let largest = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < classes; c++) {
        const a = above[at + c];
        const value = fround(a + fround(fround(below[at + c] - a) * t));
        blended[c] = value;
        if (value > largest) {
          largest = value;
          best = c;
        }
      }
      data[y * columns + x] = best;
      if (confidence) {
        let sum = 0;
        for (let c = 0; c < classes; c++) sum += Math.exp(blended[c] - largest);
        confidence[y * columns + x] = 1 / sum;
      }
    }
  }
  return { labels: { height: rows, width: columns, data }, ...(confidence && { confidence }) };
}

/**
 * Between which rows of all logits the rows of a label map lie, and which of those is there first.
 * @throws AtrousError `shape` where rows that the region needs are not there
 */
export function bandTaps(
  { shape: [, rows] }: TensorSpec,
  resize: ResizeConvention,
  outHeight: number,
  { top, height }: Region,
  { first, total }: LogitsBand = { first: 0, total: rows },
): { readonly down: BilinearTaps; readonly first: number } {
  const down = bilinearTaps(resize, total, outHeight);
  const isThere = down.lower[top] >= first && down.upper[top + height - 1] < first + rows;
  if (isThere) return { down, first };
  throw new AtrousError(
    'shape',
    `labelMap: rows ${top} to ${top + height} need other logits than rows ${first} to ${first + rows} of ${total}`,
  );
}

function stretchRow(
  logits: Float32Array,
  row: number,
  classes: number,
  { lower, upper, fraction }: BilinearTaps,
  left: number,
  out: Float32Array,
): void {
  let o = 0;
  for (let x = left; o < out.length; x++) {
    const a = row + lower[x] * classes;
    const b = row + upper[x] * classes;
    const t = fraction[x];
    for (let c = 0; c < classes; c++, o++) {
      const from = logits[a + c];
      out[o] = fround(from + fround(fround(logits[b + c] - from) * t));
    }
  }
}

/** The part of the picture that is asked for. @throws AtrousError `shape` for logits, sizes or regions that do not fit */
export function regionOf(logits: TensorSpec, { height, width, region }: LabelMapOptions): Region {
  if (
    logits.dtype !== 'float32' ||
    logits.shape.length !== 4 ||
    logits.shape[0] !== 1 ||
    logits.shape.includes(0)
  ) {
    throw new AtrousError(
      'shape',
      `labelMap: expected logits float32[1,h,w,classes], got ${describeSpec(logits)}`,
    );
  }
  const isSide = (side: number) => Number.isInteger(side) && side >= 1;
  if (!isSide(height) || !isSide(width)) {
    throw new AtrousError('shape', `labelMap: expected a positive height and width, got ${height}×${width}`);
  }
  const whole = { top: 0, left: 0, height, width };
  const { top, left, height: rows, width: columns } = region ?? whole;
  const isInside = top >= 0 && left >= 0 && top + rows <= height && left + columns <= width;
  if (!isInside || !isSide(rows) || !isSide(columns) || !Number.isInteger(top) || !Number.isInteger(left)) {
    throw new AtrousError(
      'shape',
      `labelMap: the region ${rows}×${columns} at ${top},${left} is not inside ${height}×${width}`,
    );
  }
  return region ?? whole;
}
