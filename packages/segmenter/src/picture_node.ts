import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AtrousError, messageOf } from '@atrous/tensor';
import { channelsOf, isPixels, type Pixels } from './pixels.ts';

/** A file's path or `file:` URL, the bytes of a file, a Blob, or raw pixels as `{ data, width, height }`. */
export type NodePicture = string | URL | Uint8Array | Blob | Pixels;

async function bring(): Promise<typeof import('sharp').default> {
  try {
    return (await import('sharp')).default;
  } catch (cause) {
    throw new AtrousError(
      'unavailable',
      'sharp, which decodes pictures in Node, does not load: run "npm install sharp"',
      { cause },
    );
  }
}

async function decode(bytes: Uint8Array, name: string): Promise<Pixels> {
  if (bytes.byteLength === 0) throw new AtrousError('input', `${name}: the file is empty (0 bytes)`);
  const sharp = await bring();
  try {
    const image = sharp(bytes, { autoOrient: true });
    const { space } = await image.metadata();
    if (space === 'cmyk')
      throw new AtrousError('input', `${name}: CMYK pictures are not read; convert it to RGB`);
    const { data, info } = await image
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const pixels = {
      width: info.width,
      height: info.height,
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
    };
    return info.channels === 2 ? greyAlphaToRgba(pixels) : pixels;
  } catch (cause) {
    if (cause instanceof AtrousError) throw cause;
    throw new AtrousError('input', `${name}: not a picture that can be read: ${messageOf(cause)}`, { cause });
  }
}

function greyAlphaToRgba({ width, height, data }: Pixels): Pixels {
  const rgba = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    rgba.fill(data[2 * i], 4 * i, 4 * i + 3);
    rgba[4 * i + 3] = data[2 * i + 1];
  }
  return { width, height, data: rgba };
}

/** The pixels of a picture; EXIF orientation applied, colours in sRGB, 8 bits. @throws AtrousError `input`, `not-found` */
export async function readPicture(picture: NodePicture): Promise<Pixels> {
  if (typeof picture === 'string' || picture instanceof URL) {
    const path = picture instanceof URL ? fileURLToPath(picture) : picture;
    const bytes = await readFile(path).catch((cause) => {
      const isMissing = cause.code === 'ENOENT';
      throw new AtrousError(
        isMissing ? 'not-found' : 'input',
        isMissing ? `${path}: no such file` : messageOf(cause),
        { cause },
      );
    });
    return decode(bytes, path);
  }
  if (picture instanceof Blob) {
    const name = picture instanceof File ? picture.name : 'picture';
    return decode(new Uint8Array(await picture.arrayBuffer()), name);
  }
  if (picture instanceof Uint8Array) return decode(picture, 'picture');
  if (isPixels(picture)) {
    channelsOf(picture);
    return picture;
  }
  throw new AtrousError('input', `picture: expected a path, bytes, a Blob or pixels, got ${typeof picture}`);
}
