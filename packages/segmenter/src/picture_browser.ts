import { AtrousError, messageOf } from '@atrous/tensor';
import { checkOptions, pictureRules } from './arguments.ts';
import { expectDrawable, sizeOf } from './drawable.ts';
import { checkPixels, type PictureOptions } from './limit.ts';
import { foreignFormat, headerBytes, sizeInHeader } from './picture_header.ts';
import { bytesOf, type GivenPixels, isPixels, type Pixels, takePixels } from './pixels.ts';

/** Anything in a browser that shows a picture, the bytes of a file, or raw pixels as `{ data, width, height }`. */
export type BrowserPicture =
  | GivenPixels
  | ImageData
  | ImageBitmap
  | HTMLImageElement
  | HTMLCanvasElement
  | HTMLVideoElement
  | OffscreenCanvas
  | VideoFrame
  | Blob
  | ArrayBufferLike
  | ArrayBufferView;

/** Pixels that are drawn and read at a time: canvases of any browser are larger (iOS ends at 16.7 million). */
const stripPixels = 1 << 22;

/** The last canvas: a video would leave a new one behind with every frame. */
let last: OffscreenCanvasRenderingContext2D | undefined;

/** A canvas that what is drawn replaces, transparent parts and all. */
function canvasFor(width: number, height: number): OffscreenCanvasRenderingContext2D {
  if (last?.canvas.width === width && last.canvas.height === height) return last;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new AtrousError('memory', `picture: cannot create a ${width}×${height} canvas`);
  context.globalCompositeOperation = 'copy';
  last = context;
  return context;
}

/** Reads pixels back by strips of rows, so that no canvas is as large as a huge picture. */
function readBack(source: CanvasImageSource): Pixels {
  const { width, height } = sizeOf(source);
  const rows = Math.min(height, Math.max(1, Math.floor(stripPixels / width)));
  const context = canvasFor(width, rows);
  try {
    if (rows === height) {
      context.drawImage(source, 0, 0, width, height);
      return context.getImageData(0, 0, width, height);
    }
    const data = new Uint8ClampedArray(width * height * 4);
    for (let top = 0; top < height; top += rows) {
      const count = Math.min(rows, height - top);
      context.drawImage(source, 0, top, width, count, 0, 0, width, count);
      data.set(context.getImageData(0, 0, width, count).data, top * width * 4);
    }
    return { width, height, data };
  } catch (cause) {
    const isForeign = cause instanceof DOMException && cause.name === 'SecurityError';
    const why = isForeign ? 'it comes from another origin without CORS' : messageOf(cause);
    throw new AtrousError('input', `picture: its pixels cannot be read: ${why}`, { cause });
  }
}

/**
 * A picture file decoded as the network sees it: EXIF orientation applied, colours in sRGB. The size is checked before,
 * where the file's header says it, and after.
 * @throws AtrousError `input`
 */
export async function decodePicture(blob: Blob, maxPixels?: number): Promise<ImageBitmap> {
  const name = blob instanceof File ? blob.name : 'picture';
  if (blob.size === 0) throw new AtrousError('input', `${name}: the file is empty (0 bytes)`);
  const header = await blob
    .slice(0, headerBytes)
    .arrayBuffer()
    .then((buffer) => new Uint8Array(buffer))
    .catch((cause) => {
      throw new AtrousError('input', `${name}: cannot be read: ${messageOf(cause)}`, { cause });
    });
  const said = sizeInHeader(header);
  if (said) checkPixels(name, said, maxPixels);
  const bitmap = await createImageBitmap(blob, {
    imageOrientation: 'from-image',
    premultiplyAlpha: 'none',
  }).catch((cause) => {
    const format = foreignFormat(header) ?? /hei[cf]/i.exec(`${blob.type} ${name}`)?.[0].toUpperCase();
    const hint = format ? ` (${format}: convert it to JPEG or PNG)` : '';
    throw new AtrousError('input', `${name}: this browser cannot decode it${hint}`, { cause });
  });
  try {
    checkPixels(name, bitmap, maxPixels);
  } catch (error) {
    bitmap.close();
    throw error;
  }
  return bitmap;
}

async function decodeBlob(blob: Blob, maxPixels?: number): Promise<Pixels> {
  const bitmap = await decodePicture(blob, maxPixels);
  try {
    return readBack(bitmap);
  } finally {
    bitmap.close();
  }
}

/**
 * The pixels of a picture, of the first frame where it moves; EXIF orientation applied, colours in sRGB, 8 bits.
 * @throws AtrousError `input` for what is no picture, was closed, or is a file of more pixels than `maxPixels`
 */
export async function readPicture(picture: BrowserPicture, options: PictureOptions = {}): Promise<Pixels> {
  checkOptions(options, pictureRules);
  options.signal?.throwIfAborted();
  if (picture instanceof Blob) return decodeBlob(picture, options.maxPixels);
  if (isPixels(picture)) return takePixels(picture);
  const bytes = bytesOf(picture);
  if (bytes) return decodeBlob(new Blob([bytes]), options.maxPixels);
  return readBack(expectDrawable(picture));
}
