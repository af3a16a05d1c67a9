import { AtrousError, messageOf } from '@atrous/tensor';
import type { BrowserPicture } from './picture_browser.ts';
import { isPixels } from './pixels.ts';
import type { PostedPicture } from './protocol.ts';

/** A picture for another thread, and the memory that moves there instead of being copied. */
export interface Handover {
  readonly picture: PostedPicture;
  readonly memory: Transferable[];
}

/** Closes what has to be closed. */
export function release(picture: BrowserPicture): void {
  if (picture instanceof ImageBitmap || picture instanceof VideoFrame) picture.close();
}

/**
 * Makes a picture postable. What lives in the document is drawn into an ImageBitmap that moves.
 * @param isGiven whether the picture itself may move
 */
export async function handOver(picture: BrowserPicture, isGiven: boolean): Promise<Handover> {
  if (picture instanceof Blob) return { picture, memory: [] };
  if (isPixels(picture)) {
    const { width, height, data } = picture; // an ImageData's length is not posted with it
    return { picture: { width, height, data }, memory: isGiven ? [data.buffer] : [] };
  }
  if (picture instanceof ImageBitmap) return { picture, memory: isGiven ? [picture] : [] };
  if (picture instanceof VideoFrame) return { picture, memory: isGiven ? [picture] : [] };
  if (typeof picture !== 'object' || picture === null) {
    throw new AtrousError(
      'input',
      `picture: expected an image, canvas, video frame, blob or pixels, got ${typeof picture}`,
    );
  }
  try {
    const bitmap = await createImageBitmap(picture);
    return { picture: bitmap, memory: [bitmap] };
  } catch (cause) {
    throw new AtrousError('input', `picture: its pixels cannot be taken: ${messageOf(cause)}`, { cause });
  }
}
