import { AtrousError, messageOf } from '@atrous/tensor';
import type { Sharp } from 'sharp';
import { checkPixels } from './limit.ts';
import { foreignFormat } from './picture_header.ts';
import type { Pixels } from './pixels.ts';

type SharpModule = typeof import('sharp').default;

async function bring(): Promise<SharpModule> {
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

/**
 * A picture file's pixels, of its first frame: EXIF orientation applied, colours in sRGB, 8 bits. The size is checked
 * in the header, before anything is decoded.
 * @throws AtrousError `input`
 */
export async function decodePicture(bytes: Uint8Array, name: string, maxPixels?: number): Promise<Pixels> {
  if (bytes.byteLength === 0) throw new AtrousError('input', `${name}: the file is empty (0 bytes)`);
  const sharp = await bring();
  try {
    const image = sharp(bytes, { autoOrient: true, limitInputPixels: false });
    const { width, height, space, hasProfile, depth } = await image.metadata();
    checkPixels(name, { width, height }, maxPixels);
    if (space === 'cmyk' && !hasProfile) return await decodeInks(image, depth === 'ushort');
    const { data, info } = await image
      .toColourspace('srgb') // through the file's profile, where it has one
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: bytesOf(data) };
  } catch (cause) {
    if (cause instanceof AtrousError) throw cause;
    throw new AtrousError('input', `${name}: not a picture that can be read${reason(bytes, cause)}`, {
      cause,
    });
  }
}

function reason(bytes: Uint8Array, cause: unknown): string {
  const format = foreignFormat(bytes);
  return format && format !== 'AVIF' && format !== 'TIFF' && format !== 'SVG'
    ? ` (${format}): convert it to JPEG or PNG`
    : `: ${messageOf(cause)}`;
}

const bytesOf = ({ buffer, byteOffset, length }: Uint8Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, length);

/** Cyan, magenta, yellow and black without a profile. */
async function decodeInks(image: Sharp, isDeep: boolean): Promise<Pixels> {
  const { data, info } = await image
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw({ depth: isDeep ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const inks = bytesOf(isDeep ? data.filter((_, i) => i % 2 === 1) : data); // the high bytes
  return { width: info.width, height: info.height, data: inksToRgb(inks, info.channels) };
}

/**
 * Inks as RGB, as Pillow reads them: each ink and the black take away their share of the light. In place: three values
 * never reach past the four that they come from.
 */
function inksToRgb(inks: Uint8Array, channels: number): Uint8Array {
  const pixels = inks.length / channels;
  for (let i = 0; i < pixels; i++) {
    const light = 255 - inks[channels * i + 3];
    for (let c = 0; c < 3; c++) inks[3 * i + c] = Math.round(((255 - inks[channels * i + c]) * light) / 255);
  }
  return inks.subarray(0, 3 * pixels);
}
