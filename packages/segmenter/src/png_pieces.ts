import { pipeline, Readable } from 'node:stream';
import { createDeflate } from 'node:zlib';
import {
  colorOf,
  cutOut,
  cutOutRows,
  type Deflate,
  encodePngStream,
  idPngFormat,
  idPngStrips,
  type LabelMap,
  matteOf,
  type OverlayOptions,
  type Palette,
  type PngFormat,
  type Probability,
  rowOverlay,
} from '@atrous/mask';
import { channelsOf, type Pixels, toRgba } from './pixels.ts';

/** A file as it is made. */
export type Pieces = AsyncIterable<Uint8Array>;

/** About a megabyte of RGBA at a time: a picture of 80 megapixels would have 320. */
const stripBytes = 1 << 20;

/** Photographs: level 1 takes a third of level 6's time for a fifth more. Ids are long runs, cheap at any level. */
const levels = { picture: 1, labels: 6 } as const;

function encode(kind: keyof typeof levels, format: PngFormat, strips: Iterable<Uint8Array>): Pieces {
  const deflate: Deflate = (bytes) =>
    pipeline(Readable.from(bytes), createDeflate({ level: levels[kind], chunkSize: 1 << 17 }), () => {});
  return encodePngStream(format, strips, deflate);
}

/** First row and number of rows of each strip. */
function* rowsOf({
  width,
  height,
}: {
  width: number;
  height: number;
}): Generator<[from: number, rows: number]> {
  const rows = Math.max(1, Math.floor(stripBytes / (width * 4)));
  for (let from = 0; from < height; from += rows) yield [from, Math.min(rows, height - from)];
}

const rowsOfPicture = ({ width, data }: Pixels, channels: number, from: number, rows: number) =>
  data.subarray(from * width * channels, (from + rows) * width * channels);

const rowsOfLabels = ({ width, data }: LabelMap, from: number, rows: number) =>
  data.subarray(from * width, (from + rows) * width);

/**
 * A label map as a PNG of class ids: indexed in the palette's colours; without a palette, or with more than 256 classes,
 * grey.
 */
export function labelPng(labels: LabelMap, palette?: Palette): Pieces {
  const isIndexed = palette && labels.data instanceof Uint8Array;
  const format = { ...idPngFormat(labels), ...(isIndexed && { palette: colorsOf(labels, palette) }) };
  return encode('labels', format, idPngStrips(labels));
}

/** A colour for each id that occurs, and for those that the palette knows. */
function colorsOf({ data }: LabelMap, palette: Palette): Palette {
  let highest = 0;
  for (let i = 0; i < data.length; i++) if (data[i] > highest) highest = data[i];
  const count = Math.min(256, Math.max(palette.length, highest + 1));
  return Array.from({ length: count }, (_, id) => colorOf(palette, id));
}

/** The picture with the class colours over it; RGB, or RGBA where the picture has alpha. */
export function overlayPng(
  picture: Pixels,
  labels: LabelMap,
  palette: Palette,
  options: OverlayOptions,
): Pieces {
  const { width, height } = picture;
  const channels = channelsOf(picture);
  const outChannels = channels === 4 ? 4 : 3;
  const draw = rowOverlay(palette, options);
  function* strips() {
    for (const [from, rows] of rowsOf(picture)) {
      const out = new Uint8Array(rows * width * outChannels);
      draw(rowsOfPicture(picture, channels, from, rows), channels, labels, from, out);
      yield out;
    }
  }
  return encode('picture', { width, height, channels: outChannels }, strips());
}

/** The picture where it shows one of the classes, transparent elsewhere, cut along the pixels of the label map. */
export function cutOutPng(picture: Pixels, labels: LabelMap, classes: readonly number[]): Pieces {
  const { width, height } = picture;
  const channels = channelsOf(picture);
  function* strips() {
    for (const [from, rows] of rowsOf(picture)) {
      const strip = rowsOfPicture(picture, channels, from, rows);
      const { data } = cutOut(
        toRgba({ width, height: rows, data: strip }),
        { width, height: rows, data: rowsOfLabels(labels, from, rows) },
        classes,
      );
      yield new Uint8Array(data.buffer, data.byteOffset, data.length);
    }
  }
  return encode('picture', { width, height, channels: 4 }, strips());
}

/** The picture where a probability says that it shows what is kept, with soft edges and without what was behind them. */
export function softCutOutPng(picture: Pixels, probability: Probability): Pieces {
  const { width, height } = picture;
  function* strips() {
    const matte = matteOf(picture, probability);
    for (const [from, rows] of rowsOf(picture)) {
      const { buffer } = cutOutRows(matte, from, rows);
      yield new Uint8Array(buffer);
    }
  }
  return encode('picture', { width, height, channels: 4 }, strips());
}
