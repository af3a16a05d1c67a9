import { damagedPng, type PngChunk } from './png_chunks.ts';

/** What a PNG's first chunk says of it. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per sample. */
  readonly depth: 1 | 2 | 4 | 8 | 16;
  /** `indexed` samples are places in the palette. */
  readonly color: 'grey' | 'rgb' | 'indexed' | 'grey+alpha' | 'rgb+alpha';
  /** Samples per pixel. */
  readonly channels: 1 | 2 | 3 | 4;
  /** Whether rows come in the seven passes of Adam7. */
  readonly isInterlaced: boolean;
}

/** The colour types of PNG and the depths that each may have (PNG specification, table 11.1). */
const colorTypes: Readonly<Record<number, Pick<PngHeader, 'color' | 'channels'> & { depths: number[] }>> = {
  0: { color: 'grey', channels: 1, depths: [1, 2, 4, 8, 16] },
  2: { color: 'rgb', channels: 3, depths: [8, 16] },
  3: { color: 'indexed', channels: 1, depths: [1, 2, 4, 8] },
  4: { color: 'grey+alpha', channels: 2, depths: [8, 16] },
  6: { color: 'rgb+alpha', channels: 4, depths: [8, 16] },
};

/** Reads IHDR. @throws AtrousError `format` for what the specification does not have */
export function readHeader({ type, data }: PngChunk, name: string): PngHeader {
  if (type !== 'IHDR' || data.length !== 13)
    throw damagedPng(name, `expected IHDR of 13 bytes first, got ${type} of ${data.length}`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colorType, compression, filter, interlace] = data.subarray(8);
  if (width < 1 || height < 1 || width > 0x7fffffff || height > 0x7fffffff)
    throw damagedPng(name, `it says ${height}×${width} pixels: expected 1 to 2147483647 each way`);
  const found = colorTypes[colorType];
  if (!found?.depths.includes(depth))
    throw damagedPng(name, `colour type ${colorType} with ${depth} bits does not exist`);
  if (compression !== 0 || filter !== 0 || interlace > 1)
    throw damagedPng(
      name,
      `compression ${compression}, filter ${filter}, interlace ${interlace}: expected 0, 0, and 0 or 1`,
    );
  const { color, channels } = found;
  return {
    width,
    height,
    depth: depth as PngHeader['depth'],
    color,
    channels,
    isInterlaced: interlace === 1,
  };
}
