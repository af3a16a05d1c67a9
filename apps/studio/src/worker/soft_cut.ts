import { classProbability, cutOutRows, matteOf } from '@atrous/mask';
import { readPicture } from '@atrous/segmenter';
import type { Look, Mode } from '../look.ts';
import type { Found, Scene } from './scene.ts';

/** What is kept of a picture, with soft edges and without what was behind them. */
export interface SoftCut {
  readonly found: Found;
  /** The classes that are kept, as text. */
  readonly kept: string;
  readonly bitmap: ImageBitmap;
}

/** The looks that have an edge. */
const cutting: ReadonlySet<Mode> = new Set(['cutout', 'blur', 'replace']);

/** Above this many pixels what is looked at is worked out smaller: a phone holds the picture and its cut-out. */
const mostPixels = 1 << 25;
const stripPixels = 1 << 20;

/** Class ids that a cut-out leaves out. */
export const leftOut = ({ background }: Found, hidden: readonly number[]): number[] => [
  ...background,
  ...hidden,
];

function keptOf(found: Found, hidden: readonly number[]): number[] {
  const out = leftOut(found, hidden);
  const ids = Array.from({ length: found.logits.shape[3] }, (_, id) => id);
  return ids.filter((id) => !out.includes(id));
}

/** A picture's cut-out: each row is worked out in its own memory, so that a huge picture is there once. */
export async function cutOutOf(
  picture: Blob | ImageBitmap | VideoFrame,
  found: Found,
  hidden: readonly number[],
): Promise<ImageData> {
  const pixels = (await readPicture(picture)) as ImageData; // in browsers they are RGBA
  const { width, height, data } = pixels;
  const matte = matteOf(pixels, classProbability(found.logits, keptOf(found, hidden), found.resize));
  const rows = Math.max(1, Math.floor(stripPixels / width));
  for (let top = 0; top < height; top += rows)
    data.set(cutOutRows(matte, top, Math.min(rows, height - top)), 4 * top * width);
  return new ImageData(data, width, height);
}

/**
 * The cut-out that is there for a look. A video has none: each frame would take as long as a small network does (some 90 ms
 * for a camera's 640×480, 210 ms in full HD, on one core), and what moves shows no hairs.
 */
export function softCutOf({ found, soft }: Scene, { hidden }: Pick<Look, 'hidden'>): ImageBitmap | undefined {
  const isIts = found && soft?.found === found && soft.kept === keptOf(found, hidden).join();
  return isIts ? soft.bitmap : undefined;
}

/** Works the cut-out of a still picture out where a look needs one that is not there: once for each set of classes. */
export async function soften(scene: Scene, look: Look): Promise<void> {
  const { source, picture, found } = scene;
  if (!cutting.has(look.mode) || !source || !picture || !found || softCutOf(scene, look)) return;
  const bitmap = await bitmapForLooking(picture as ImageBitmap, found, look.hidden);
  if (scene.picture !== picture || scene.found !== found) return bitmap.close(); // let go of, or done again
  dropSoft(scene);
  scene.soft = { found, kept: keptOf(found, look.hidden).join(), bitmap };
}

async function bitmapForLooking(
  picture: ImageBitmap,
  found: Found,
  hidden: readonly number[],
): Promise<ImageBitmap> {
  const { width, height } = picture;
  const scale = Math.sqrt(mostPixels / (width * height));
  if (scale >= 1) return createImageBitmap(await cutOutOf(picture, found, hidden));
  const resized = await createImageBitmap(picture, {
    resizeWidth: Math.floor(width * scale),
    resizeHeight: Math.floor(height * scale),
    resizeQuality: 'high',
    premultiplyAlpha: 'none',
  });
  try {
    return await createImageBitmap(await cutOutOf(resized, found, hidden));
  } finally {
    resized.close();
  }
}

/** Forgets the cut-out, and what was drawn by it. */
export function dropSoft(scene: Scene): void {
  scene.soft?.bitmap.close();
  scene.soft = undefined;
  scene.blurred = undefined;
}
