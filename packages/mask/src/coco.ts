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
  const boxes = boxesOf(labels);
  return {
    images: [{ id: 1, file_name: fileName, width, height }],
    categories: classes.map(({ id, name }) => ({ id, name })),
    annotations: classes
      .filter(({ id }) => boxes.has(id))
      .map(({ id }, i) => ({
        id: i + 1,
        image_id: 1,
        category_id: id,
        iscrowd: 1,
        area: Math.round(shares[id] * width * height),
        bbox: boxes.get(id)!,
        segmentation: encodeRle(labels, id),
      })),
  };
}

/** Left, top, width and height of each class that occurs, in one pass. */
function boxesOf({ width, height, data }: LabelMap): Map<number, [number, number, number, number]> {
  const edges = new Map<number, { left: number; top: number; right: number; bottom: number }>();
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const known = edges.get(data[i]);
      if (!known) {
        edges.set(data[i], { left: x, top: y, right: x, bottom: y });
        continue;
      }
      if (x < known.left) known.left = x;
      if (x > known.right) known.right = x;
      known.bottom = y;
    }
  }
  return new Map(
    [...edges].map(([id, { left, top, right, bottom }]) => [
      id,
      [left, top, right - left + 1, bottom - top + 1],
    ]),
  );
}
