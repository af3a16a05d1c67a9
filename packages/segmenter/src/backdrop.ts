import type { Pixels } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';
import type { BrowserPicture } from './picture_browser.ts';
import type { FrameLook } from './render.ts';
import { takeFrame } from './take_frame.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

type Backdrop = (look: FrameLook, size: Size) => Promise<Pixels | undefined>;

/**
 * The picture behind a look at a canvas' size, as large as it has to be to fill it, cut at its sides, on white. What was read last is kept: a stream has one
 * picture behind all of its frames.
 */
export function backdropOf(): Backdrop {
  let last: { readonly picture: unknown; readonly size: Size; readonly pixels: Promise<Pixels> } | undefined;
  return async ({ mode, backdrop }, { width, height }) => {
    if (mode !== 'replace' || backdrop === undefined || Array.isArray(backdrop)) return undefined;
    const isSame = last?.picture === backdrop && last.size.width === width && last.size.height === height;
    if (!isSame || !last) {
      const pixels = covering(backdrop as BrowserPicture, { width, height });
      last = { picture: backdrop, size: { width, height }, pixels };
      pixels.catch(() => {
        last = undefined;
      });
    }
    return last.pixels;
  };
}

async function covering(picture: BrowserPicture, { width, height }: Size): Promise<Pixels> {
  const { frame, size, release } = await takeFrame(picture, {});
  try {
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (!context) throw new AtrousError('memory', `backdrop: cannot create a ${width}×${height} canvas`);
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = 'high';
    const scale = Math.max(width / size.width, height / size.height);
    const [across, down] = [size.width * scale, size.height * scale];
    const made = 'data' in frame ? await createImageBitmap(imageOf(frame)) : undefined;
    const source = made ?? (frame as Exclude<typeof frame, Pixels>);
    context.drawImage(source, (width - across) / 2, (height - down) / 2, across, down);
    made?.close();
    return context.getImageData(0, 0, width, height);
  } finally {
    release();
  }
}

const imageOf = ({ width, height, data }: Pixels): ImageData =>
  new ImageData(Uint8ClampedArray.from(data), width, height);
