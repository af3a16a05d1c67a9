import type { Color, Palette } from '@atrous/mask';

/** What the canvas shows. */
export const modes = {
  overlay: 'Overlay',
  mask: 'Mask',
  outline: 'Outline',
  cutout: 'Cut-out',
  blur: 'Blur background',
  replace: 'Replace background',
  confidence: 'Confidence',
} as const;
export type Mode = keyof typeof modes;

/** How picture and mask are drawn. */
export interface Look {
  readonly mode: Mode;
  /** Of the class colours in an overlay, 0 to 1. */
  readonly opacity: number;
  /** Borders between classes in the overlay. */
  readonly outline: boolean;
  readonly palette: Palette;
  /** Class ids that are not drawn and not cut out. */
  readonly hidden: readonly number[];
  /** Left of this share of the picture's width it is shown as it is. */
  readonly wipe?: number;
  /** What stands behind a cut-out in `replace`, where no picture was chosen for it. */
  readonly backdrop: Color;
}

/** A rectangle of the picture, and how many pixels of the canvas it takes. */
export interface Viewport {
  /** In pixels of the picture. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** In pixels of the canvas. */
  readonly columns: number;
  readonly rows: number;
}
