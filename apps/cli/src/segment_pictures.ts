import type { Segmenter } from '@atrous/segmenter';
import { messageOf } from '@atrous/tensor';
import { mapInOrder } from '@atrous/tensor/turns';
import { progressBar } from './output.ts';
import type { FoundPictures, PictureFile } from './pictures.ts';
import type { RunFiles } from './saves.ts';
import { type PictureRun, type SegmentedFile, segmentPicture } from './segment_picture.ts';

/** What became of the pictures of a run, in their order. */
export interface SegmentedPictures {
  readonly done: readonly { readonly picture: PictureFile; readonly file: SegmentedFile }[];
  readonly failed: FoundPictures['failed'];
}

/** Segments pictures, several under way at once, and adds each to the files of the run. What fails is listed, and the others are done. */
export async function segmentPictures(
  segmenter: Segmenter,
  pictures: readonly PictureFile[],
  { jobs, ...options }: PictureRun & { readonly jobs: number },
  files: RunFiles,
  signal: AbortSignal,
): Promise<SegmentedPictures> {
  const work = async (picture: PictureFile, _index: number, signal: AbortSignal) => {
    try {
      return { picture, ...(await segmentPicture(segmenter, picture, options, signal)) };
    } catch (error) {
      if (signal.aborted) throw error;
      return { picture, error: messageOf(error) };
    }
  };
  const done: { picture: PictureFile; file: SegmentedFile }[] = [];
  const failed: { input: string; error: string }[] = [];
  const bar = progressBar(pictures.length);
  for await (const outcome of mapInOrder(pictures, work, { concurrency: jobs, signal })) {
    const { picture } = outcome;
    bar.step(picture.path);
    if ('file' in outcome) {
      files.add(outcome.labels, picture);
      done.push({ picture, file: outcome.file });
    } else failed.push({ input: picture.path, error: outcome.error });
  }
  bar.end();
  return { done, failed };
}
