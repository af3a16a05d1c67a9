import type { LabelMap } from './label_map.ts';
import { classShares } from './render.ts';
import { type CocoRle, encodeRle } from './rle.ts';
import type { NamedClass } from './vector.ts';

/** A COCO file of one picture (cocodataset.org, "Data format"). */
export interface CocoFile {
  readonly images: readonly { id: number; file_name: string; width: number; height: number }[];
  readonly categories: readonly { id: number; name: string }[];
  readonly annotations: readonly {
    readonly id: number;
    readonly image_id: number;
    readonly category_id: number;
    readonly iscrowd: 0 | 1;
    /** In pixels. */
    readonly area: number;
    /** Left, top, width and height. */
    readonly bbox: readonly [number, number, number, number];
    readonly segmentation: CocoRle;
  }[];
}

/** Label map as a COCO file: an annotation per class that occurs, as a crowd, which is what run lengths stand for there. */
export function toCoco(labels: LabelMap, classes: readonly NamedClass[], fileName: string): CocoFile {
  const { width, height } = labels;
  const count = classes.reduce((most, { id }) => Math.max(most, id + 1), 0);
  const shares = classShares(labels, count);
  return {
    images: [{ id: 1, file_name: fileName, width, height }],
    categories: classes.map(({ id, name }) => ({ id, name })),
    annotations: classes
      .filter(({ id }) => shares[id] > 0)
      .map(({ id }, i) => ({
        id: i + 1,
        image_id: 1,
        category_id: id,
        iscrowd: 1,
        area: Math.round(shares[id] * width * height),
        bbox: boxOf(labels, id),
        segmentation: encodeRle(labels, id),
      })),
  };
}

/** Left, top, width and height of a class that occurs. */
function boxOf({ width, height, data }: LabelMap, id: number): [number, number, number, number] {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (data[i] !== id) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return [left, top, right - left + 1, bottom - top + 1];
}
