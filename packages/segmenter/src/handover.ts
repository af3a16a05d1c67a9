import { AtrousError, messageOf } from '@atrous/tensor';
import { expectDrawable } from './drawable.ts';
import type { BrowserPicture } from './picture_browser.ts';
import { bytesOf, checkPixelData, isPixels } from './pixels.ts';
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
 * @throws AtrousError `input` for what is no picture, was closed, or whose memory is gone
 */
export async function handOver(picture: BrowserPicture, isGiven: boolean): Promise<Handover> {
  if (picture instanceof Blob) return { picture, memory: [] };
  if (isPixels(picture)) {
    checkPixelData(picture);
    const { width, height, data, colorSpace } = picture; // an ImageData's length is not posted with it
    const canMove = isGiven && data.buffer instanceof ArrayBuffer; // shared memory is there already
    return { picture: { width, height, data, colorSpace }, memory: canMove ? [data.buffer] : [] };
  }
  const bytes = bytesOf(picture);
  if (bytes) return { picture: new Blob([bytes]), memory: [] };
  const drawable = expectDrawable(picture);
  if (isClosable(drawable)) {
    const own = isGiven ? drawable : structuredClone(drawable); // who gets it closes it; of a frame the pixels are shared
    return { picture: own, memory: [own] };
  }
  try {
    const bitmap = await createImageBitmap(drawable);
    return { picture: bitmap, memory: [bitmap] };
  } catch (cause) {
    throw new AtrousError('input', `picture: its pixels cannot be taken: ${messageOf(cause)}`, { cause });
  }
}

/**
 * The error of a message that could not be posted, as ours; any other as it is. What the worker throws is neither: it
 * comes as a message.
 */
export function postingError(error: unknown): unknown {
  const isUncloneable = error instanceof DOMException && error.name === 'DataCloneError';
  if (!isUncloneable && !(error instanceof TypeError)) return error; // a TypeError: memory that cannot move
  return new AtrousError('input', `segmenter worker: cannot be posted to it: ${error.message}`, {
    cause: error,
  });
}
