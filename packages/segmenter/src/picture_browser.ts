import { AtrousError, messageOf } from '@atrous/tensor';
import { channelsOf, isPixels, type Pixels } from './pixels.ts';

/** Anything in a browser that shows a picture; raw pixels as `{ data, width, height }`. */
export type BrowserPicture =
  | Pixels
  | ImageData
  | ImageBitmap
  | HTMLImageElement
  | HTMLCanvasElement
  | HTMLVideoElement
  | OffscreenCanvas
  | VideoFrame
  | Blob;

/** Width and height of what can be drawn, in its own pixels. */
function sizeOf(source: CanvasImageSource): { width: number; height: number } {
  if ('displayWidth' in source) return { width: source.displayWidth, height: source.displayHeight };
  if ('videoWidth' in source) return { width: source.videoWidth, height: source.videoHeight };
  if ('naturalWidth' in source) return { width: source.naturalWidth, height: source.naturalHeight };
  return { width: Number(source.width), height: Number(source.height) };
}

/** Pixels that are drawn and read at a time: canvases of any browser are larger (iOS ends at 16.7 million). */
const stripPixels = 1 << 22;

/** The last canvas: a video would leave a new one behind with every frame. */
let last: OffscreenCanvasRenderingContext2D | undefined;

/** A canvas that what is drawn replaces, transparent parts and all. */
function canvasFor(width: number, height: number): OffscreenCanvasRenderingContext2D {
  if (last?.canvas.width === width && last.canvas.height === height) return last;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!context) throw new AtrousError('memory', `picture: no canvas of ${width}×${height} is to be had here`);
  context.globalCompositeOperation = 'copy';
  last = context;
  return context;
}

/** Reads pixels back by strips of rows, so that no canvas is as large as a huge picture. */
function readBack(source: CanvasImageSource): Pixels {
  const { width, height } = sizeOf(source);
  if (!width || !height) {
    throw new AtrousError('input', `picture: it is ${width}×${height}; wait until it has loaded`);
  }
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

/** A picture file decoded as the network sees it: EXIF orientation applied, colours in sRGB. @throws AtrousError `input` */
export async function decodePicture(blob: Blob): Promise<ImageBitmap> {
  const name = blob instanceof File ? blob.name : 'picture';
  if (blob.size === 0) throw new AtrousError('input', `${name}: the file is empty (0 bytes)`);
  return createImageBitmap(blob, { imageOrientation: 'from-image', premultiplyAlpha: 'none' }).catch(
    (cause) => {
      const kind = /hei[cf]|svg/i.exec(`${blob.type} ${name}`)?.[0].toUpperCase();
      const hint = kind ? ` (${kind}: convert it to JPEG or PNG)` : '';
      throw new AtrousError('input', `${name}: this browser cannot decode it${hint}`, { cause });
    },
  );
}

async function decodeBlob(blob: Blob): Promise<Pixels> {
  const bitmap = await decodePicture(blob);
  try {
    return readBack(bitmap);
  } finally {
    bitmap.close();
  }
}

/** The pixels of a picture; EXIF orientation applied, colours in sRGB. @throws AtrousError `input` */
export async function readPicture(picture: BrowserPicture): Promise<Pixels> {
  if (picture instanceof Blob) return decodeBlob(picture);
  if (isPixels(picture)) {
    channelsOf(picture);
    return picture;
  }
  if (typeof picture !== 'object' || picture === null) {
    throw new AtrousError(
      'input',
      `picture: expected an image, canvas, video frame, blob or pixels, got ${typeof picture}`,
    );
  }
  return readBack(picture as CanvasImageSource);
}
