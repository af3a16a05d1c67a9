import { encode } from 'fast-png';
import type { LabelMap } from './label_map.ts';
import type { PngFormat } from './png_stream.ts';

/**
 * A label map as a grey PNG whose values are the class ids, of 8 bits, or 16 where the map has them: what readers that
 * turn palettes into colours (OpenCV, skimage) need. `encodeLabelPng` writes the same ids with a palette.
 */
export function encodeIdPng(labels: LabelMap): Uint8Array {
  const { width, height, data } = labels;
  return encode({ width, height, data, channels: 1, depth: idPngFormat(labels).depth });
}

/** For `encodePngStream`: what an id PNG of these labels is. */
export function idPngFormat({ width, height, data }: LabelMap): PngFormat & { readonly depth: 8 | 16 } {
  return { width, height, channels: 1, depth: data instanceof Uint16Array ? 16 : 8 };
}

/** For `encodePngStream`: the rows of an id PNG, about a megabyte at a time. */
export function* idPngStrips({ width, height, data }: LabelMap): Generator<Uint8Array> {
  const rows = Math.max(1, Math.floor(2 ** 20 / width));
  for (let from = 0; from < height; from += rows) {
    const strip = data.subarray(from * width, (from + rows) * width);
    yield strip instanceof Uint16Array ? highByteFirst(strip) : strip;
  }
}

function highByteFirst(ids: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(ids.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < ids.length; i++) view.setUint16(2 * i, ids[i]);
  return bytes;
}
