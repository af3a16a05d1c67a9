import { AtrousError, inWords, unknownName } from '@atrous/tensor';
import { backgroundIds, type NamedClass } from '../classes.ts';
import { type Color, colorOf, type Palette, paletteOf } from '../palette.ts';
import type { Bytes } from './arrays.ts';

/**
 * What is drawn of a frame and its logits, and what each needs of them: `labels` (with the probability of the winning class), or the `coverage` of the
 * classes that are kept.
 */
const modes = {
  /** Class colours over the frame. */
  overlay: 'labels',
  /** Class colours alone. */
  mask: 'labels',
  /** Borders between classes over the frame. */
  outline: 'labels',
  /** The classes alone, transparent around them, with soft edges. */
  cutout: 'coverage',
  /** What is behind the classes out of focus. */
  blur: 'coverage',
  /** A colour or a picture behind the classes. */
  replace: 'coverage',
  /** The probability of the winning class, in viridis. */
  confidence: 'confidence',
} as const;

export type LookMode = keyof typeof modes;

/** How a frame is shown. */
export interface Look {
  readonly mode: LookMode;
  /** `overlay`: how much of the class colour there is, 0 to 1. @default 0.5 */
  readonly opacity?: number;
  /** `overlay`: also borders between classes in full colour. @default false */
  readonly outline?: boolean;
  /** `overlay`, `mask`, `outline`: a colour per class id. @default the model's */
  readonly palette?: Palette;
  /** Class ids that are not drawn and not kept; classes that `backgroundIds` names are drawn in `mask` alone. @default none */
  readonly hidden?: readonly number[];
  /**
   * `cutout`, `blur`, `replace`: how soft edges are, 0 to 1: a pixel's alpha rises from 0 to 1 while the probability of what is kept rises by so much around
   * 0.6, a little inside of what is kept, so that it takes none of its background with it.
   * @default 0.5
   */
  readonly softness?: number;
  /** `blur`: the standard deviation of the blur as a share of the longer side, 0.002 to 0.1. @default 0.015 */
  readonly strength?: number;
  /** `replace`: what stands behind where there is no picture for it. @default black */
  readonly backdrop?: Color;
  /** Left of this share of the width, 0 to 1, the frame is shown as it is. @default 0 */
  readonly wipe?: number;
}

/** A look with everything said: plain data, for whoever draws it. */
export interface DrawnLook {
  readonly mode: LookMode;
  readonly needs: 'labels' | 'coverage' | 'confidence';
  /** Red, green, blue by class id, and 255 where it is drawn or 0. */
  readonly colors: Bytes;
  /** Of areas, 0 to 1. */
  readonly opacity: number;
  /** How far on either side of a border its colour is full, in pixels. */
  readonly border: number;
  /** By class id: 1 where it is kept. */
  readonly kept: Bytes;
  readonly softness: number;
  readonly strength: number;
  readonly backdrop: Color;
  readonly wipe: number;
}

const borderWidth = 2;

/** The probability of what is kept at which half of a pixel is. */
export const halfKept = 0.6;

const isWithin = (value: unknown, low: number, high: number): boolean =>
  typeof value === 'number' && value >= low && value <= high;
const share = { expected: 'a number from 0 to 1', allows: (value: unknown) => isWithin(value, 0, 1) };
const isColor = (value: unknown): boolean =>
  Array.isArray(value) && value.length === 3 && value.every((part) => isWithin(part, 0, 255));

const rules: Readonly<
  Record<Exclude<keyof Look, 'mode'>, { expected: string; allows(value: unknown): boolean }>
> = {
  opacity: share,
  softness: share,
  wipe: share,
  outline: { expected: 'true or false', allows: (value) => typeof value === 'boolean' },
  strength: { expected: 'a number from 0.002 to 0.1', allows: (value) => isWithin(value, 0.002, 0.1) },
  backdrop: { expected: 'red, green and blue from 0 to 255', allows: isColor },
  palette: {
    expected: 'a list of colours, each red, green and blue from 0 to 255',
    allows: (value) => Array.isArray(value) && value.length > 0 && value.every(isColor),
  },
  hidden: {
    expected: 'a list of class ids',
    allows: (value) =>
      Array.isArray(value) && value.every((id) => Number.isInteger(id) && isWithin(id, 0, 65535)),
  },
};

/**
 * Checks a look and says everything that it leaves open.
 * @param classes the model's
 * @throws AtrousError `input` that says what was given and what is expected
 */
export function drawnLook(look: Look, classes: readonly NamedClass[]): DrawnLook {
  if (typeof look !== 'object' || look === null)
    throw new AtrousError('input', `look: expected an object with a mode, got ${inWords(look)}`);
  const { mode } = look;
  if (!Object.hasOwn(modes, mode)) throw unknownName('look mode', String(mode), Object.keys(modes));
  for (const [name, { expected, allows }] of Object.entries(rules)) {
    const value = look[name as keyof typeof rules];
    if (value === undefined || allows(value)) continue;
    throw new AtrousError('input', `look ${name}: expected ${expected}, got ${inWords(value)}`);
  }
  const { opacity = 0.5, outline = false, palette = paletteOf(classes), hidden = [] } = look;
  const { softness = 0.5, strength = 0.015, backdrop = [0, 0, 0], wipe = 0 } = look;
  const background = backgroundIds(classes);
  const isHidden = (id: number) => hidden.includes(id);
  const isOut = (id: number) => isHidden(id) || background.includes(id);
  const leftOut = mode === 'mask' ? isHidden : isOut;
  return {
    mode,
    needs: modes[mode],
    colors: Uint8Array.from(classes.flatMap(({ id }) => [...colorOf(palette, id), leftOut(id) ? 0 : 255])),
    opacity: mode === 'outline' ? 0 : opacity,
    border: mode === 'outline' || (mode === 'overlay' && outline) ? borderWidth : 0,
    kept: Uint8Array.from(classes, ({ id }) => (isOut(id) ? 0 : 1)),
    softness,
    strength,
    backdrop,
    wipe,
  };
}
