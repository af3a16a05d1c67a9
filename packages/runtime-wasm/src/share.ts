import type { Forms } from './forms.ts';
import { padded } from './kernels.ts';
import type { View } from './plan/step.ts';

/** A thread's index, how many there are, the offset of its scratch, and the forms of products. */
export interface Part {
  readonly thread: number;
  readonly threads: number;
  readonly scratch: number;
  readonly forms: Forms;
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

/** Calls `run` with ranges of pixels inside of one picture each, `most` at a time. */
export function* bands(
  view: View,
  [begin, end]: readonly [number, number],
  most: number,
  run: (image: number, first: number, last: number, pixel: number) => void,
): Generator<void> {
  const perImage = view.height * view.width;
  for (let at = begin; at < end; ) {
    const image = Math.floor(at / perImage);
    const stop = Math.min(end, at + most, (image + 1) * perImage);
    run(image, at - image * perImage, stop - image * perImage, at);
    at = stop;
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
  yield* bands(view, shareOf(pixelsOf(view), 1, part), sliceOf(view), (_image, first, last, pixel) =>
    run(pixel, last - first),
  );
}
