import { writeWhole } from '@atrous/checkpoint/node';
import { AtrousError } from '@atrous/tensor';
import { InvalidArgumentError } from 'commander';

/** `chart.svg` or `chart.png`. */
export function chartPath(path: string): string {
  if (!/\.(svg|png)$/i.test(path))
    throw new InvalidArgumentError('Expected a file that ends in .svg or .png.');
  return path;
}

/** Writes an SVG document as it is, or drawn at twice its size. @throws AtrousError `unavailable` without sharp */
export async function saveChart(path: string, svg: string): Promise<void> {
  await writeWhole(path, /\.png$/i.test(path) ? await drawn(svg) : new TextEncoder().encode(svg));
}

async function drawn(svg: string): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp').catch((cause) => {
    throw new AtrousError(
      'unavailable',
      'sharp, which draws the PNG, does not load: run "npm install sharp", or save an .svg',
      { cause },
    );
  });
  return sharp(new TextEncoder().encode(svg), { density: 144 }).png().toBuffer();
}
