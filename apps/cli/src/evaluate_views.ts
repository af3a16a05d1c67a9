import { type ClassTable, remap } from '@atrous/dataset';
import { type LabelMap, overlay, type Palette, type Pixels } from '@atrous/mask';
import { channelsOf } from '@atrous/segmenter';
import type { Seen } from './evaluate_score.ts';

/** The longer side of pictures in a report. */
const longest = 360;
/** In the small label maps of a report: not counted. */
const ignored = 255;
const red = [255, 0, 90] as const;

/** What a report shows of a picture, as `data:` URLs. */
export interface PictureViews {
  readonly picture: string;
  readonly labels: string;
  readonly prediction: string;
  /** Grey where the two agree, red where they do not, white where there is no label. */
  readonly errors: string;
}

/** Draws what a report shows of a picture. @param palette colours by counted class */
export async function viewsOf(
  { pixels, prediction, labels, mapping }: Seen,
  palette: Palette,
): Promise<PictureViews> {
  const picture = await shrunk(pixels);
  const small = (map: LabelMap, table: ClassTable) => remap(sampled(map, picture), table, ignored, 'report');
  const guess = small(prediction, mapping.predictions);
  const truth = small(labels, mapping.labels);
  const drawn = (map: LabelMap) => overlay(picture, map, palette, { opacity: 0.65, hidden: [ignored] });
  return {
    picture: await webp(picture),
    labels: await webp(drawn(truth)),
    prediction: await webp(drawn(guess)),
    errors: await webp(errors(picture, guess, truth)),
  };
}

/** RGBA, no longer than a report shows. sharp is there: it has decoded the picture. */
async function shrunk({ width, height, data }: Pixels): Promise<Pixels> {
  const { default: sharp } = await import('sharp');
  const raw = { width, height, channels: channelsOf({ width, height, data }) };
  const { data: small, info } = await sharp(data, { raw })
    .resize({ width: longest, height: longest, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: small };
}

async function webp({ width, height, data }: Pixels): Promise<string> {
  const { default: sharp } = await import('sharp');
  const bytes = await sharp(data, { raw: { width, height, channels: 4 } })
    .webp({ quality: 80 })
    .toBuffer();
  return `data:image/webp;base64,${bytes.toString('base64')}`;
}

/** The label at the centre of each pixel of a smaller picture. */
function sampled(map: LabelMap, { width, height }: Pixels): LabelMap {
  const data = map.data.slice(0, width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * map.height) / height) * map.width;
    for (let x = 0; x < width; x++, i++)
      data[i] = map.data[row + Math.floor(((x + 0.5) * map.width) / width)];
  }
  return { width, height, data };
}

function errors({ width, height, data }: Pixels, guess: LabelMap, truth: LabelMap): Pixels {
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < truth.data.length; i++) {
    const grey = (data[4 * i] + data[4 * i + 1] + data[4 * i + 2]) / 6;
    const isIgnored = truth.data[i] === ignored;
    const isWrong = !isIgnored && truth.data[i] !== guess.data[i];
    for (let c = 0; c < 3; c++)
      out[4 * i + c] = isIgnored ? 200 + grey / 3 : isWrong ? 0.3 * grey + 0.7 * red[c] : grey;
    out[4 * i + 3] = 255;
  }
  return { width, height, data: out };
}
