import type { Forms } from './forms.ts';
import { padded } from './kernels.ts';
import type { View } from './plan/step.ts';

/** A thread's index, how many there are, the offset of its scratch, the forms of products, and how much of each share is taken. */
export interface Part {
  readonly thread: number;
  readonly threads: number;
  readonly scratch: number;
  readonly forms: Forms;
  /** A number for each thread, zero where a step begins. */
  readonly claimed: Int32Array;
  /** How much of a product is done in one piece. @default a band, as the plan says */
  readonly sliceMultiplyAdds?: number;
}

/** A thread's share of `count` things, cut at multiples of `grain`: the same for every run. */
export function shareOf(
  count: number,
  grain: number,
  { thread, threads }: Pick<Part, 'thread' | 'threads'>,
): [begin: number, end: number] {
  const grains = Math.ceil(count / grain);
  const cut = (index: number) => Math.min(count, Math.floor((grains * index) / threads) * grain);
  return [cut(thread), cut(thread + 1)];
}

export const pixelsOf = ({ batch, height, width }: View): number => batch * height * width;
export const imageOf = (view: View, image: number): number =>
  view.offset + image * view.height * view.width * view.stride;
export const pixelAt = (view: View, pixel: number): number => view.offset + pixel * view.stride;

/** A thread's share is taken in so many pieces at least, unless somebody says another number. */
const usualPieces = 4;

/**
 * Pieces of `count` things, cut at multiples of `grain`, `most` at a time: a thread takes those of its own share, then what others have left of
 * theirs. So nobody waits for long for a thread that was kept from its work, and values stay in the cache of the core that made them.
 */
function* claims(
  count: number,
  grain: number,
  most: number,
  pieces: number,
  part: Part,
): Generator<[number, number]> {
  const { thread, threads, claimed } = part;
  for (let i = 0; i < threads; i++) {
    const owner = (thread + i) % threads;
    const [begin, end] = shareOf(count, grain, { thread: owner, threads });
    const least = threads === 1 ? most : Math.ceil((end - begin) / pieces / grain) * grain;
    const size = Math.max(grain, Math.min(most, least));
    const next = () => begin + Atomics.add(claimed, owner, 1) * size;
    for (let at = next(); at < end; at = next()) yield [at, Math.min(end, at + size)];
  }
}

/**
 * Calls `run` with ranges of pixels inside of one picture each, `most` at a time, until all threads together have done all.
 * @param pieces how many a thread's share is cut into at least
 */
export function* bands(
  view: View,
  grain: number,
  most: number,
  part: Part,
  run: (image: number, first: number, last: number, pixel: number) => void,
  pieces: number = usualPieces,
): Generator<void> {
  const perImage = view.height * view.width;
  for (const [begin, end] of claims(pixelsOf(view), grain, most, pieces, part)) {
    for (let at = begin; at < end; ) {
      const image = Math.floor(at / perImage);
      const stop = Math.min(end, (image + 1) * perImage);
      run(image, at - image * perImage, stop - image * perImage, at);
      at = stop;
    }
    yield;
  }
}

/** How many pixels a slice of a light step has: some hundred microseconds. */
export const sliceOf = ({ channels }: View): number => Math.max(1, Math.floor(65536 / padded(channels)));

/** Calls `run` for a thread's pixels, which need no neighbours. */
export function* everyPixel(
  view: View,
  part: Part,
  run: (pixel: number, count: number) => void,
): Generator<void> {
  yield* bands(view, 1, sliceOf(view), part, (_image, first, last, pixel) => run(pixel, last - first));
}
