import { AtrousError } from '@atrous/tensor';
import type { LabelMap } from './label_map.ts';
import { colorOf, type Palette } from './palette.ts';

export interface OverlayOptions {
  /** How much of the class colour there is, 0 to 1. @default 0.5 */
  readonly opacity?: number;
  /** Draw the borders between classes in full colour. @default false */
  readonly outline?: boolean;
  /** Classes that are not drawn. @default none */
  readonly hidden?: readonly number[];
}

type Bytes = Uint8Array | Uint8ClampedArray;

/**
 * Draws class colours over rows of a picture, so that one that fills memory needs no copy of itself.
 * @param pixels whole rows of grey, RGB or RGBA
 * @param from which row of the label map is the first of them
 * @param out where they go: RGBA out of RGBA, with the same alpha, else RGB
 */
export type RowOverlay = (
  pixels: Bytes,
  channels: 1 | 3 | 4,
  labels: LabelMap,
  from: number,
  out: Bytes,
) => void;

/** @throws AtrousError `input` for an opacity that is not from 0 to 1 */
export function rowOverlay(
  palette: Palette,
  { opacity = 0.5, outline = false, hidden = [] }: OverlayOptions = {},
): RowOverlay {
  if (!(opacity >= 0 && opacity <= 1)) throw new AtrousError('input', `opacity ${opacity}: expected 0 to 1`);
  const tints = tintsOf(palette, opacity, hidden);
  const borders = tintsOf(palette, 1, hidden);
  return (pixels, channels, labels, from, out) => {
    const [green, blue] = channels === 1 ? [0, 0] : [1, 2];
    const outChannels = channels === 4 ? 4 : 3;
    const first = from * labels.width;
    const count = pixels.length / channels;
    for (let i = 0, p = 0, o = 0; i < count; i++, p += channels, o += outChannels) {
      const at = first + i;
      const tint = outline && isBorder(labels, at) ? borders(labels.data[at]) : tints(labels.data[at]);
      out[o] = tint[pixels[p]];
      out[o + 1] = tint[256 + pixels[p + green]];
      out[o + 2] = tint[512 + pixels[p + blue]];
      if (outChannels === 4) out[o + 3] = pixels[p + 3];
    }
  };
}

/** By class: what each of the 256 values of red, then of green, then of blue becomes. Made when first asked for. */
function tintsOf(palette: Palette, opacity: number, hidden: readonly number[]): (label: number) => Bytes {
  const known: Bytes[] = [];
  return (label) => {
    known[label] ??= tintOf(colorOf(palette, label), hidden.includes(label) ? 0 : opacity);
    return known[label];
  };
}

function tintOf(color: readonly number[], opacity: number): Bytes {
  const tint = new Uint8ClampedArray(3 * 256); // rounds
  for (let c = 0; c < 3; c++)
    for (let value = 0; value < 256; value++) tint[256 * c + value] = value + (color[c] - value) * opacity;
  return tint;
}

/** True where a pixel's right or lower neighbour is of another class. */
function isBorder({ data, width, height }: LabelMap, i: number): boolean {
  const isLastColumn = i % width === width - 1;
  const isLastRow = i >= width * (height - 1);
  return (!isLastColumn && data[i] !== data[i + 1]) || (!isLastRow && data[i] !== data[i + width]);
}
