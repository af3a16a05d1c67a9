import type { Frame } from '@atrous/mask/looks';
import { AtrousError, messageOf } from '@atrous/tensor';
import { expectDrawable, sizeOf } from './drawable.ts';
import type { PictureOptions } from './limit.ts';
import { type BrowserPicture, decodePicture } from './picture_browser.ts';
import { bytesOf, isPixels, takePixels, toRgba } from './pixels.ts';

/** A frame as drawing takes it. */
export interface TakenFrame {
  readonly frame: Frame;
  readonly size: { readonly width: number; readonly height: number };
  /** Lets go of what was made for it. */
  release(): void;
}

const nothing = () => {};

/**
 * Anything that shows a picture as a frame that stays what it is while it is drawn: of what plays, what it shows now.
 * @throws AtrousError `input` for what is no picture, was closed, or may not be read
 */
export async function takeFrame(picture: BrowserPicture, { maxPixels }: PictureOptions): Promise<TakenFrame> {
  if (isPixels(picture)) {
    const frame = toRgba(takePixels(picture));
    return { frame, size: frame, release: nothing };
  }
  const bytes = picture instanceof Blob ? undefined : bytesOf(picture);
  if (bytes || picture instanceof Blob) {
    const bitmap = await decodePicture(bytes ? new Blob([bytes]) : (picture as Blob), maxPixels);
    return taken(bitmap, true);
  }
  const frame = expectDrawable(picture) as Exclude<Frame, { data: unknown }>;
  const isVideo = 'HTMLVideoElement' in globalThis && frame instanceof HTMLVideoElement;
  if (!isVideo) return taken(frame, false);
  try {
    return taken('VideoFrame' in globalThis ? new VideoFrame(frame) : await createImageBitmap(frame), true);
  } catch (cause) {
    const isForeign = cause instanceof DOMException && cause.name === 'SecurityError';
    const why = isForeign ? 'it comes from another origin without CORS' : messageOf(cause);
    throw new AtrousError('input', `frame: the video's picture cannot be taken: ${why}`, { cause });
  }
}

/** @param isOurs whether it was made here, to be closed */
function taken(frame: Exclude<Frame, { data: unknown }>, isOurs: boolean): TakenFrame {
  return {
    frame,
    size: sizeOf(frame),
    release: isOurs && 'close' in frame ? () => frame.close() : nothing,
  };
}
