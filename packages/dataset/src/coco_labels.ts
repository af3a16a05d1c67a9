import { decodeRle, type LabelMap } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';
import { fillPolygon } from './polygon.ts';

/** Label maps out of a COCO file. */
export interface CocoLabels {
  readonly categories: readonly { readonly id: number; readonly name: string }[];
  /** `file_name` of all pictures. */
  readonly pictures: readonly string[];
  /**
   * Category ids of a picture's pixels, 0 where there is no annotation. Where annotations overlap, the later one of the
   * file stands; crowds are of their category as all others.
   * @throws AtrousError `not-found` for a picture that is not listed, `format` for a segmentation that cannot be read
   */
  labelsOf(fileName: string): LabelMap;
}

interface CocoImage {
  readonly id: number;
  readonly file_name: string;
  readonly width: number;
  readonly height: number;
}
interface CocoObject {
  readonly category_id: number;
  readonly segmentation: unknown;
}

/** Label maps of 16 bits hold no more. */
const mostCategory = 65535;

/**
 * Reads a COCO file (cocodataset.org, "Data format", object detection): segmentations as polygons, RLE or compressed RLE.
 * @throws AtrousError `format` that names the file and the record
 */
export function openCoco(text: string, file: string): CocoLabels {
  const fail = (what: string, cause?: unknown) => new AtrousError('format', `${file}: ${what}`, { cause });
  const root = parse(text, fail);
  const list = (key: string): Record<string, unknown>[] => {
    const found = root[key];
    if (!Array.isArray(found)) throw fail(`expected a COCO file with a list "${key}"`);
    return found;
  };
  const images = list('images').map((image, i): CocoImage => {
    const { id, file_name, width, height } = image;
    if (!isCount(id) || typeof file_name !== 'string' || !isCount(width) || !isCount(height))
      throw fail(`images[${i}]: expected id, file_name, width and height`);
    return { id, file_name, width, height };
  });
  const objects = new Map<number, CocoObject[]>();
  for (const [i, { image_id, category_id, segmentation }] of list('annotations').entries()) {
    if (!isCount(image_id) || !isCount(category_id) || category_id > mostCategory)
      throw fail(`annotations[${i}]: expected image_id, and a category_id of at most ${mostCategory}`);
    const own = objects.get(image_id) ?? [];
    own.push({ category_id, segmentation });
    objects.set(image_id, own);
  }
  const categories = list('categories').map(({ id, name }) => ({ id: Number(id), name: String(name) }));
  const byName = new Map(images.map((image) => [image.file_name, image]));
  return {
    categories,
    pictures: images.map(({ file_name }) => file_name),
    labelsOf(fileName) {
      const image = byName.get(fileName);
      if (!image) throw new AtrousError('not-found', `${file}: lists no picture "${fileName}"`);
      return paint(image, objects.get(image.id) ?? [], (what, cause) => fail(`${fileName}: ${what}`, cause));
    },
  };
}

type Fail = (what: string, cause?: unknown) => AtrousError;

function parse(text: string, fail: Fail): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch (cause) {
    throw fail('is not JSON', cause);
  }
}

function paint({ width, height }: CocoImage, objects: readonly CocoObject[], fail: Fail): LabelMap {
  const isWide = objects.some(({ category_id }) => category_id > 255);
  const data = isWide ? new Uint16Array(width * height) : new Uint8Array(width * height);
  for (const { category_id, segmentation } of objects) {
    paintRuns(segmentation, { width, height }, fail, (start, length) => {
      for (let at = start; at < start + length; at++)
        data[(at % height) * width + Math.floor(at / height)] = category_id;
    });
  }
  return { width, height, data };
}

type Paint = (start: number, length: number) => void;

/** Runs along columns, whatever the segmentation is written as. */
function paintRuns(
  segmentation: unknown,
  size: Pick<CocoImage, 'width' | 'height'>,
  fail: Fail,
  run: Paint,
): void {
  if (Array.isArray(segmentation)) {
    for (const polygon of segmentation) {
      if (!isNumbers(polygon) || polygon.length < 6 || polygon.length % 2 === 1)
        throw fail('expected polygons of at least three points, x and y in turn');
      fillPolygon(polygon, size, run);
    }
    return;
  }
  const { counts, size: own } = Object(segmentation);
  if (!isNumbers(own) || own[0] !== size.height || own[1] !== size.width)
    throw fail(`expected polygons, or an RLE whose size is [${size.height}, ${size.width}]`);
  if (typeof counts === 'string') {
    const { data, width, height } = decodeRle({ size: [size.height, size.width], counts });
    for (let at = 0; at < data.length; at++)
      if (data[(at % height) * width + Math.floor(at / height)]) run(at, 1);
    return;
  }
  const total = isNumbers(counts) ? counts.reduce((sum, count) => sum + count, 0) : -1;
  if (!isNumbers(counts) || !counts.every(isCount) || total !== size.width * size.height)
    throw fail(`expected the counts of an RLE to add up to ${size.width * size.height} pixels`);
  let at = 0;
  counts.forEach((count, i) => {
    if (i % 2 === 1) run(at, count);
    at += count;
  });
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0;
const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(Number.isFinite);
