import { AtrousError, messageOf } from '@atrous/tensor';
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
    const { width, height, space, hasProfile } = await image.metadata();
    checkPixels(name, { width, height }, maxPixels);
    const isPlainCmyk = space === 'cmyk' && !hasProfile;
    if (isPlainCmyk) image.pipelineColourspace('cmyk').toColourspace('cmyk');
    else image.toColourspace('srgb'); // through the file's profile, where it has one
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const values = new Uint8Array(data.buffer, data.byteOffset, data.length);
    const { channels } = info;
    return {
      width: info.width,
      height: info.height,
      data: isPlainCmyk ? inkToRgb(values, channels) : values,
    };
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

/**
 * Cyan, magenta, yellow and black without a profile as RGB, as Pillow reads them: each ink and the black take away
 * their share of the light. In place: three values never reach past the four that they come from.
 */
function inkToRgb(ink: Uint8Array, channels: number): Uint8Array {
  const pixels = ink.length / channels;
  for (let i = 0; i < pixels; i++) {
    const light = 255 - ink[channels * i + 3];
    for (let c = 0; c < 3; c++) ink[3 * i + c] = Math.round(((255 - ink[channels * i + c]) * light) / 255);
  }
  return ink.subarray(0, 3 * pixels);
}
