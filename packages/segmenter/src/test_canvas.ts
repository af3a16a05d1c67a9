/** What is on a canvas, or shown by one that a worker draws on: RGBA on nothing, alpha multiplied in. */
export function shownOn(canvas: HTMLCanvasElement | OffscreenCanvas): {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
} {
  const { width, height } = canvas;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(canvas, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return {
    width,
    height,
    data: data.map((value, i) => (i % 4 === 3 ? value : (value * data[i - (i % 4) + 3]) / 255)),
  };
}

/** The largest difference of two pictures, and the share of numbers that differ by more than 2. */
export function differenceOf(a: ArrayLike<number>, b: ArrayLike<number>): { worst: number; share: number } {
  if (a.length !== b.length) throw new Error(`${a.length} and ${b.length} numbers`);
  let worst = 0;
  let others = 0;
  for (let i = 0; i < a.length; i++) {
    const off = Math.abs(a[i] - b[i]);
    worst = Math.max(worst, off);
    if (off > 2) others++;
  }
  return { worst, share: others / a.length };
}
