// A contact sheet as JPEG: each picture beside its classes in colour and its cut-out over a plain colour, with a number.
// Needs --conditions=@atrous/source, as everything that runs the packages from source.
import { createRequire } from 'node:module';
import { classProbability, overlay, paletteOf, softCutOut } from '../../packages/mask/src/index.ts';
import { readPicture, toRgba } from '../../packages/segmenter/src/node.ts';

const sharp = createRequire(new URL('../../packages/segmenter/package.json', import.meta.url))('sharp');

/** Pixels: the sheet's width, the height of a row before it is fitted, and the gaps. */
const measures = { width: 1600, row: 270, gap: 12, seam: 2 };
/** Behind a cut-out: no skin, no cloth that is common. */
export const plainColor = '#3fb5a8';
/** The worst quality that edges can still be judged at. */
const lowestQuality = 64;

/**
 * @param segmenter a `Segmenter` of Node, or what has its `config`, `classes` and `segment`
 * @param paths of the pictures, in the order of their numbers, from 1 on
 * @param kept ids of the classes that the cut-out keeps
 * @param limit the most bytes of the file
 * @returns {Promise<{jpeg: Buffer, quality: number}>}
 * @throws when the sheet does not fit into the limit
 */
export async function drawSheet(segmenter, paths, kept, limit = 1.2e6) {
  const sizes = [];
  for (const path of paths) sizes.push(await readPicture(path).then(({ width, height }) => width / height));
  const { places, height } = layOut(sizes);
  const parts = [];
  for (const [i, path] of paths.entries()) {
    parts.push(...(await panelsOf(segmenter, path, kept, places[i])), numberAt(i + 1, places[i]));
  }
  const blank = { width: measures.width, height, channels: 3, background: 'white' };
  const { data, info } = await sharp({ create: blank })
    .composite(parts)
    .raw()
    .toBuffer({ resolveWithObject: true }); // with alpha: sharp composes so
  for (let quality = 90; quality >= lowestQuality; quality -= 2) {
    const jpeg = await sharp(data, { raw: info }).jpeg({ quality, mozjpeg: true }).toBuffer();
    if (jpeg.length <= limit) return { jpeg, quality };
  }
  throw new Error(
    `a sheet of ${paths.length} pictures does not fit into ${limit / 1e6} MB at quality ${lowestQuality}: take fewer, with a larger --every`,
  );
}

/**
 * Rows as wide as the sheet, filled from the left; the last one keeps the height that was wanted.
 * @param aspects width over height of each picture
 * @returns where each picture's three panels begin, and how large each is
 */
export function layOut(aspects) {
  const { width, row, gap, seam } = measures;
  const places = [];
  let top = gap;
  for (let from = 0; from < aspects.length; ) {
    let to = from;
    let wide = 0;
    while (to < aspects.length && wide * row < width) wide += 3 * aspects[to++];
    const free = width - gap * (to - from + 1) - 2 * seam * (to - from);
    const height = Math.floor(Math.min(row, free / wide));
    let left = gap;
    for (const aspect of aspects.slice(from, to)) {
      const panel = Math.max(1, Math.floor(height * aspect));
      places.push({ left, top, width: panel, height });
      left += 3 * panel + 2 * seam + gap;
    }
    top += height + gap;
    from = to;
  }
  return { places, height: top };
}

/** The three panels of a picture. */
async function panelsOf(segmenter, path, kept, place) {
  const picture = toRgba(await readPicture(path));
  const { labels, classes, logits } = await segmenter.segment(picture, { logits: true });
  const probability = classProbability(logits, kept, segmenter.config.postprocess.resize);
  const images = [
    picture,
    overlay(picture, labels, paletteOf(classes), { opacity: 0.6 }),
    softCutOut(picture, probability),
  ];
  return Promise.all(
    images.map(async ({ data, width, height }, i) => ({
      input: await sharp(Buffer.from(data), { raw: { width, height, channels: 4 } })
        .resize(place.width, place.height, { fit: 'fill' })
        .flatten({ background: plainColor })
        .raw()
        .toBuffer(),
      raw: { width: place.width, height: place.height, channels: 3 },
      left: place.left + i * (place.width + measures.seam),
      top: place.top,
    })),
  );
}

/** Digits of three columns and five rows, by rows from the top: no font need be installed. */
const digits = [
  '111101101101111',
  '010110010010111',
  '111001111100111',
  '111001111001111',
  '101101111001001',
  '111100111001111',
  '111100111101111',
  '111001001001001',
  '111101111101111',
  '111101111001111',
];
const dot = 3;

/** A number, white on black, in the corner of a picture. */
function numberAt(number, { left, top }) {
  const text = String(number);
  const [width, height] = [dot * (4 * text.length + 1), dot * 7];
  const input = Buffer.alloc(width * height * 3);
  for (const [place, digit] of [...text].entries()) {
    for (const [i, bit] of [...digits[digit]].entries()) {
      const [x, y] = [dot * (4 * place + 1 + (i % 3)), dot * (1 + Math.floor(i / 3))];
      for (let dy = 0; bit === '1' && dy < dot; dy++)
        input.fill(255, 3 * ((y + dy) * width + x), 3 * ((y + dy) * width + x + dot));
    }
  }
  return { input, raw: { width, height, channels: 3 }, left, top };
}
