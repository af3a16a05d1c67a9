import { AtrousError, messageOf } from '@atrous/tensor';
import type { BrowserPicture } from './picture_browser.ts';
import { isPixels } from './pixels.ts';
import type { PostedPicture } from './protocol.ts';

/** A picture for another thread, and the memory that moves there instead of being copied. */
export interface Handover {
  readonly picture: PostedPicture;
  readonly memory: Transferable[];
}

/** What moves as it is, and has to be closed; some browsers have no VideoFrame. */
const isClosable = (picture: unknown): picture is ImageBitmap | VideoFrame =>
  picture instanceof ImageBitmap || ('VideoFrame' in globalThis && picture instanceof VideoFrame);

/** Closes what has to be closed. */
export function release(picture: BrowserPicture): void {
  if (isClosable(picture)) picture.close();
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
  if (isClosable(picture)) return { picture, memory: isGiven ? [picture] : [] };
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
