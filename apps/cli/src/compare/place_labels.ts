export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface Disc {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

/** Of 13 px text, so wide that any common font fits. */
const letterWidth = 7;
const lineHeight = 15;
const gap = 5;

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
  Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

export const around = ({ x, y, radius }: Disc): Box => {
  return { left: x - radius, top: y - radius, right: x + radius, bottom: y + radius };
};

const outside = (box: Box, frame: Box): number =>
  (box.right - box.left) * (box.bottom - box.top) - overlap(box, frame);

/**
 * Where labels stand beside their discs: to the right, left, above or below, wherever they cover least of discs,
 * obstacles and each other.
 * @returns the start of each text's baseline
 */
export function placeLabels(
  discs: readonly Disc[],
  texts: readonly string[],
  { frame, obstacles }: { readonly frame: Box; readonly obstacles: readonly Box[] },
): readonly { readonly x: number; readonly y: number }[] {
  const taken = [...obstacles];
  return discs.map((disc, i) => {
    const width = texts[i].length * letterWidth;
    const { x, y, radius } = disc;
    const boxAt = (left: number, top: number): Box => {
      return { left, top, right: left + width, bottom: top + lineHeight };
    };
    const beside = [x + radius + gap, x - radius - gap - width].map((left) =>
      boxAt(left, y - lineHeight / 2),
    );
    const starts = [x - width / 2, x - radius, x + radius - width];
    const above = starts.map((left) => boxAt(left, y - radius - gap - lineHeight));
    const below = starts.map((left) => boxAt(left, y + radius + gap));
    const candidates = [...beside, ...above, ...below];
    const covered = (box: Box): number =>
      [...taken, ...discs.filter((other) => other !== disc).map(around)].reduce(
        (sum, other) => sum + overlap(box, other),
        4 * outside(box, frame),
      );
    const best = candidates.reduce((a, b) => (covered(b) < covered(a) ? b : a));
    taken.push(best);
    return { x: best.left, y: best.bottom - 4 };
  });
}
