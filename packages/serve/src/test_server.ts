import { rmSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { tinyModel } from '@atrous/golden';
import { Segmenter } from '@atrous/segmenter';
import { encode } from 'fast-png';

/** A tiny network on one thread; `dispose` removes its folder, too. */
export async function tinySegmenter(): Promise<Segmenter> {
  const folder = tinyModel();
  const segmenter = await Segmenter.load(folder, { runtime: 'wasm', threads: 1 });
  return {
    ...segmenter,
    async dispose() {
      await segmenter.dispose();
      rmSync(folder, { recursive: true });
    },
  };
}

/** A picture of coarse noise. */
export function png(width = 64, height = 48): Uint8Array<ArrayBuffer> {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);
  return new Uint8Array(encode({ width, height, data, channels: 3 }));
}

/** A PNG that says it is of any size, and has next to nothing in it. */
export function bomb(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = png(1, 1);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  view.setUint32(29, crc32(bytes.subarray(12, 29)));
  return bytes;
}
