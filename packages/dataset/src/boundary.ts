import type { LabelMap } from '@atrous/mask';
import type { Mapping } from './count.ts';
import type { Share } from './measures.ts';

/** Pixels on the borders of each class in one picture, and how many of them have a border of the other side near. */
export interface BoundaryTally {
  readonly truth: Float64Array;
  readonly truthNear: Float64Array;
  readonly predicted: Float64Array;
  readonly predictedNear: Float64Array;
}

/** How near is near, as a share of the picture's diagonal, where nothing else is said (Csurka et al. 2013 and the DAVIS benchmark use about as much). */
export const boundaryTolerance = 0.0075;

/**
 * Counts borders of one picture, both sides mapped. A pixel is on the border of its class where one of its four neighbours has
 * another class; the picture's edge is none, nor is an ignored pixel. Pixels without a label have no border on either side.
 * @param tolerance the largest distance, as a share of the diagonal: at least one pixel. @default boundaryTolerance
 */
export function countBoundary(
  predicted: LabelMap,
  truth: LabelMap,
  { classes, predictions, labels }: Mapping,
  tolerance: number = boundaryTolerance,
): BoundaryTally {
  const { width, height } = truth;
  const label = Int32Array.from(truth.data, (id) => Math.max(-1, labels.table[id]));
  const guess = Int32Array.from(predicted.data, (id, i) => (label[i] < 0 ? -1 : predictions.table[id]));
  const [ours, theirs] = [guess, label].map((map) => bordersOf(map, width));
  const near = disk(Math.max(1, tolerance * Math.hypot(width, height)));
  const count = classes.length;
  const counted = (own: Int32Array, other: Int32Array) => {
    const all = new Float64Array(count);
    const matched = new Float64Array(count);
    own.forEach((k, i) => {
      if (k < 0) return;
      all[k]++;
      if (hasNear(other, i, k, near, width, height)) matched[k]++;
    });
    return [all, matched];
  };
  const [truthAll, truthNear] = counted(theirs, ours);
  const [predictedAll, predictedNear] = counted(ours, theirs);
  return { truth: truthAll, truthNear, predicted: predictedAll, predictedNear };
}

/**
 * Boundary F-score by class (Csurka et al. 2013, "What is a good evaluation measure for semantic segmentation?"): the harmonic
 * mean of the shares of either side's border that are near the other's. Null where neither side has a border of the class.
 */
export function boundaryScores({ truth, truthNear, predicted, predictedNear }: BoundaryTally): Share[] {
  return Array.from(truth, (_, k) => {
    if (truth[k] + predicted[k] === 0) return null;
    const precision = predicted[k] > 0 ? predictedNear[k] / predicted[k] : 0;
    const recall = truth[k] > 0 ? truthNear[k] / truth[k] : 0;
    return precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  });
}

/** The class of each pixel that is on its border, −1 elsewhere. */
function bordersOf(map: Int32Array, width: number): Int32Array {
  const differs = (k: number, other: number | undefined) => other !== undefined && other >= 0 && other !== k;
  return map.map((k, i) => {
    if (k < 0) return -1;
    const x = i % width;
    const isBorder =
      (x > 0 && differs(k, map[i - 1])) ||
      (x < width - 1 && differs(k, map[i + 1])) ||
      differs(k, map[i - width]) ||
      differs(k, map[i + width]);
    return isBorder ? k : -1;
  });
}

/** Steps within a radius, the nearest first: most borders have their match close by. */
function disk(radius: number): readonly (readonly [dx: number, dy: number])[] {
  const reach = Math.floor(radius);
  const side = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  return side
    .flatMap((dy) => side.map((dx) => [dx, dy] as const))
    .filter(([dx, dy]) => Math.hypot(dx, dy) <= radius)
    .sort((a, b) => Math.hypot(...a) - Math.hypot(...b));
}

function hasNear(
  borders: Int32Array,
  at: number,
  k: number,
  steps: ReturnType<typeof disk>,
  width: number,
  height: number,
): boolean {
  const x = at % width;
  const y = (at - x) / width;
  for (const [dx, dy] of steps) {
    if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
    if (borders[at + dy * width + dx] === k) return true;
  }
  return false;
}
