import type { Pixels } from './pixels.ts';

/** A picture with an edge, a ramp and transparency; made of whole numbers, so that it is the same everywhere. With another seed another one. */
export function testPicture(width: number, height: number, seed = 0): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      data[at] = ((x * 255) / width + seed * 41) % 256;
      data[at + 1] = (y * 255) / height;
      data[at + 2] = x > y ? 220 : 30;
      data[at + 3] = (x * 7 + y * 3) % 11 === 0 ? 128 : 255;
    }
  }
  return { width, height, data };
}

/** SHA-256 of a tensor's bytes. */
export async function digest(data: Float32Array): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new Uint8Array(data.buffer as ArrayBuffer));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What `prepare` makes of the test picture, wherever it runs. */
export const preparedDigest = '1e3f345a59ada3f2ce9ee2bd3dc63cfdbc1440d03715fdd3a0f0c8d96db46de7';
