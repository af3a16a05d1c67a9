import { AtrousError, inWords } from '@atrous/tensor';
import type { Size } from './picture_header.ts';

/** By their tags, which are the same in every frame of a page. */
const drawables = new Set([
  'ImageBitmap',
  'HTMLImageElement',
  'HTMLCanvasElement',
  'HTMLVideoElement',
  'OffscreenCanvas',
  'SVGImageElement',
  'VideoFrame',
]);

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Width and height of what can be drawn, in its own pixels. */
export function sizeOf(source: CanvasImageSource): Size {
  if ('displayWidth' in source) return { width: source.displayWidth, height: source.displayHeight };
  if ('videoWidth' in source) return { width: source.videoWidth, height: source.videoHeight };
  if ('naturalWidth' in source) return { width: source.naturalWidth, height: source.naturalHeight };
  return { width: Number(source.width), height: Number(source.height) };
}

/**
 * Something with pixels that can be drawn.
 * @throws AtrousError `input` for anything else, for what was closed and what has not loaded
 */
export function expectDrawable(picture: unknown): CanvasImageSource {
  const kind = tagOf(picture);
  if (typeof picture === 'string' || picture instanceof URL) {
    throw new AtrousError(
      'input',
      `picture: a URL is not read in browsers, got ${inWords(String(picture))}: fetch it, and give what blob() gives`,
    );
  }
  if (!drawables.has(kind)) {
    throw new AtrousError(
      'input',
      `picture: expected an image, canvas, video frame, Blob, bytes or pixels, got ${inWords(picture)}`,
    );
  }
  const source = picture as CanvasImageSource;
  const { width, height } = sizeOf(source);
  if (width && height) return source;
  if (kind === 'VideoFrame' || kind === 'ImageBitmap') {
    throw new AtrousError('input', `picture: this ${kind} was closed, or transferred elsewhere`);
  }
  throw new AtrousError('input', `picture: it is ${width}×${height}; wait until it has loaded`);
}
