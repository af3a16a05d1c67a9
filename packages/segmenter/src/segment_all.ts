import { AtrousError, messageOf } from '@atrous/tensor';
import { mapInOrder } from '@atrous/tensor/turns';
import { checkOptions, segmentRules } from './arguments.ts';
import type { Segmentation, SegmentOptions } from './segmenter.ts';

/** What `segmentAll` asks of a segmenter, on this thread or in a worker. */
interface Segments<Picture, Options> {
  segment(picture: Picture, options?: Options): Promise<Segmentation>;
}

/** A picture, or what brings it when its turn comes: only then it takes memory, and what it throws is that picture's error. */
export type PictureSource<Picture> = Picture | (() => Picture | Promise<Picture>);

/** Options of `segment`, for all pictures, and how many of these are under way at once. */
export type SegmentAllOptions<Options extends SegmentOptions = SegmentOptions> = Options & {
  /**
   * How many pictures are under way at once: one in the network, the others being read or waiting, or done until they are fetched. They are what
   * takes memory. @default 3
   */
  readonly concurrency?: number;
};

/** What became of a picture: exactly one of `segmentation` and `error` is there. */
export type SegmentedPicture<Picture> =
  | {
      readonly picture: PictureSource<Picture>;
      readonly index: number;
      readonly segmentation: Segmentation;
      readonly error?: undefined;
    }
  | {
      readonly picture: PictureSource<Picture>;
      readonly index: number;
      readonly error: Error;
      readonly segmentation?: undefined;
    };

/**
 * Segments pictures as they come, in their order: while one is in the network, the next are read, and the caller does something with the last. A
 * caller that takes its time holds up the rest. A picture that fails does not end the run: its error comes in its place. Leaving the loop
 * ends what is under way.
 * @throws AtrousError `input` for options that cannot be, `disposed` when the segmenter is; what the iterable throws; the signal's reason
 * @example for await (const { picture, segmentation, error } of segmentAll(segmenter, paths)) …
 */
export function segmentAll<Picture, Options extends SegmentOptions>(
  segmenter: Segments<Picture, Options>,
  pictures: Iterable<PictureSource<Picture>> | AsyncIterable<PictureSource<Picture>>,
  options: SegmentAllOptions<Options> = {} as SegmentAllOptions<Options>,
): AsyncGenerator<SegmentedPicture<Picture>, void, undefined> {
  checkOptions(options, segmentRules);
  const { concurrency = 3, signal, ...rest } = options;
  const work = async (
    picture: PictureSource<Picture>,
    index: number,
    signal: AbortSignal,
  ): Promise<SegmentedPicture<Picture>> => {
    try {
      const given = await (isBringer(picture) ? picture() : picture);
      const segmentation = await segmenter.segment(given, { ...rest, signal } as unknown as Options);
      return { picture, index, segmentation };
    } catch (error) {
      const endsAll = signal.aborted || (error instanceof AtrousError && error.code === 'disposed');
      if (endsAll) throw error;
      return { picture, index, error: asError(error) };
    }
  };
  return mapInOrder(pictures, work, { concurrency, signal });
}

const isBringer = <Picture>(source: PictureSource<Picture>): source is () => Picture | Promise<Picture> =>
  typeof source === 'function';

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new AtrousError('runtime', messageOf(error));
