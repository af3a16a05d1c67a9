import { bilinearTaps, type ResizeConvention, type Tensor } from '@atrous/tensor';
import { classProbability } from '../alpha/probability.ts';
import { type LabelMap, labelMap } from '../label_map.ts';
import type { Pixels } from '../pixels.ts';
import { type Behind, behindOf } from './behind.ts';
import { heatColors } from './heat.ts';
import { type DrawnLook, halfKept } from './look.ts';

type ClampedBytes = ReturnType<typeof Uint8ClampedArray.of>;

/** RGBA, alpha not multiplied in: what `ImageData` is made of. */
export interface Drawn {
  readonly width: number;
  readonly height: number;
  readonly data: ClampedBytes;
}

/** What a frame is drawn from. */
export interface LookSource {
  /** RGBA, of any size: it is stretched to the drawing's. */
  readonly picture: Pixels;
  /** [1,h,w,classes] */
  readonly logits: Tensor;
  readonly resize: ResizeConvention;
  /** The drawing's. */
  readonly width: number;
  readonly height: number;
  /** RGBA of the drawing's size, opaque: what stands behind in `replace`, instead of a colour. */
  readonly backdrop?: Pixels;
}

/** What all pixels of a drawing need. */
interface Parts extends LookSource {
  readonly look: DrawnLook;
  /** Of the drawing's size. */
  readonly picture: Pixels;
  readonly labels?: LabelMap;
  readonly confidence?: Float32Array;
  readonly coverage?: Float32Array;
}

/**
 * A frame as it is to be shown. Engines that draw on a GPU give the same but for what rounding explains: at most 2 of 255.
 * @throws AtrousError `shape` for logits that are none
 */
export function drawLook(source: LookSource, look: DrawnLook): Drawn {
  const { logits, resize, width, height } = source;
  const picture = stretch(source.picture, width, height);
  const { needs } = look;
  const found =
    needs === 'coverage'
      ? {}
      : labelMap(logits, { width, height, resize, confidence: needs === 'confidence' });
  const coverage = needs === 'coverage' ? coverageOf(source, look) : undefined;
  const data = new Uint8ClampedArray(width * height * 4);
  painters[look.mode]({ ...source, ...found, coverage, picture, look }, data);
  wipe(picture, look.wipe, data);
  return { width, height, data };
}

/** How much of each pixel is kept, 0 to 1: the probability of what is kept, its rise made steeper. */
function coverageOf(
  { logits, resize, width, height }: LookSource,
  { kept, softness }: DrawnLook,
): Float32Array {
  const ids = Array.from(kept.keys()).filter((id) => kept[id]);
  const probability = classProbability(logits, ids, resize);
  const across = bilinearTaps(resize, probability.width, width);
  const down = bilinearTaps(resize, probability.height, height);
  const out = new Float32Array(width * height);
  for (let y = 0, o = 0; y < height; y++) {
    const [above, below] = [down.lower[y], down.upper[y]].map((row) => row * probability.width);
    for (let x = 0; x < width; x++, o++) {
      const [left, right, t] = [across.lower[x], across.upper[x], across.fraction[x]];
      const upper = mix(probability.data[above + left], probability.data[above + right], t);
      const lower = mix(probability.data[below + left], probability.data[below + right], t);
      out[o] = steepened(mix(upper, lower, down.fraction[y]), softness);
    }
  }
  return out;
}

const mix = (from: number, to: number, t: number): number => from + (to - from) * t;

/** From 0 to 1 while the probability rises by `softness`, smoothly. */
function steepened(probability: number, softness: number): number {
  const t = Math.min(1, Math.max(0, (probability - halfKept) / Math.max(softness, 1e-6) + 0.5));
  return t * t * (3 - 2 * t);
}

/** A picture of another size, its pixels between their neighbours. */
function stretch(picture: Pixels, width: number, height: number): Pixels {
  if (picture.width === width && picture.height === height) return picture;
  const { data } = picture;
  const across = bilinearTaps('half-pixel', picture.width, width);
  const down = bilinearTaps('half-pixel', picture.height, height);
  const out = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, o = 0; y < height; y++) {
    const [above, below] = [down.lower[y], down.upper[y]].map((row) => row * picture.width * 4);
    for (let x = 0; x < width; x++) {
      const [left, right] = [4 * across.lower[x], 4 * across.upper[x]];
      for (let c = 0; c < 4; c++, o++) {
        const upper = mix(data[above + left + c], data[above + right + c], across.fraction[x]);
        const lower = mix(data[below + left + c], data[below + right + c], across.fraction[x]);
        out[o] = mix(upper, lower, down.fraction[y]);
      }
    }
  }
  return { width, height, data: out };
}

/** The frame as it is, left of a share of the width. */
function wipe({ width, height, data }: Pixels, share: number, out: ClampedBytes): void {
  const columns = Math.round(width * share);
  for (let y = 0; y < height && columns > 0; y++) {
    const from = y * width * 4;
    out.set(data.subarray(from, from + 4 * columns), from);
  }
}

type Painter = (parts: Parts, out: ClampedBytes) => void;

const overFrame: Painter = ({ picture, labels, look: { colors, opacity, border } }, out) => {
  eachLabel(labels!, border, (i, color, isBorder) => {
    const share = colors[color + 3] === 0 ? 0 : isBorder ? 1 : opacity;
    for (let c = 0; c < 3; c++) out[4 * i + c] = mix(picture.data[4 * i + c], colors[color + c], share);
    out[4 * i + 3] = picture.data[4 * i + 3];
  });
};

/** What is kept before something else, whose colour `behind` writes. */
const before =
  (behindFor: (parts: Parts) => (i: number, color: number[]) => void): Painter =>
  (parts, out) => {
    const { picture, coverage } = parts;
    const behind = behindFor(parts);
    const color = [0, 0, 0];
    for (let i = 0; i < coverage!.length; i++) {
      behind(i, color);
      const alpha = (coverage![i] * picture.data[4 * i + 3]) / 255;
      for (let c = 0; c < 3; c++) out[4 * i + c] = mix(color[c], picture.data[4 * i + c], alpha);
      out[4 * i + 3] = 255;
    }
  };

const painters: Readonly<Record<DrawnLook['mode'], Painter>> = {
  overlay: overFrame,
  outline: overFrame,
  mask: ({ labels, look: { colors } }, out) => {
    eachLabel(labels!, 0, (i, color) => {
      if (colors[color + 3] > 0) out.set(colors.subarray(color, color + 4), 4 * i);
    });
  },
  confidence: ({ confidence }, out) => {
    confidence!.forEach((value, i) => {
      const color = 4 * Math.round(value * 255);
      out.set(heatColors.subarray(color, color + 4), 4 * i);
    });
  },
  cutout: ({ picture, coverage }, out) => {
    out.set(picture.data);
    for (let i = 0; i < coverage!.length; i++) out[4 * i + 3] = coverage![i] * picture.data[4 * i + 3];
  },
  replace: before(({ backdrop, look }) => (i, color) => {
    for (let c = 0; c < 3; c++) color[c] = backdrop ? backdrop.data[4 * i + c] : look.backdrop[c];
  }),
  blur: before(({ picture, coverage, look }) =>
    behindAt(behindOf(picture, coverage!, look.strength), picture),
  ),
};

/** The colour behind a pixel, out of the grid. */
function behindAt(
  { data, ...grid }: Behind,
  { width, height }: Pixels,
): (i: number, color: number[]) => void {
  const across = bilinearTaps('half-pixel', grid.width, width);
  const down = bilinearTaps('half-pixel', grid.height, height);
  return (i, color) => {
    const [x, y] = [i % width, Math.floor(i / width)];
    const [left, right, s] = [across.lower[x], across.upper[x], across.fraction[x]];
    const [above, below] = [down.lower[y] * grid.width, down.upper[y] * grid.width];
    const at = (c: number) => {
      const upper = mix(data[4 * (above + left) + c], data[4 * (above + right) + c], s);
      const lower = mix(data[4 * (below + left) + c], data[4 * (below + right) + c], s);
      return mix(upper, lower, down.fraction[y]);
    };
    const weight = at(3);
    for (let c = 0; c < 3; c++) color[c] = at(c) / weight;
  };
}

/** Each pixel, where its colour lies, and whether another class is so near that its border is drawn. */
function eachLabel(
  { width, height, data }: LabelMap,
  border: number,
  use: (i: number, color: number, isBorder: boolean) => void,
): void {
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const id = data[i];
      const isBorder =
        border > 0 &&
        ((x >= border && data[i - border] !== id) ||
          (x < width - border && data[i + border] !== id) ||
          (y >= border && data[i - border * width] !== id) ||
          (y < height - border && data[i + border * width] !== id));
      use(i, 4 * id, isBorder);
    }
  }
}
