import { join } from 'node:path';
import { makeFolder } from '@atrous/checkpoint/node';
import { backgroundIds } from '@atrous/mask';
import type { Segmenter, SegmenterOptions, SegmentOptions } from '@atrous/segmenter';
import { idsOf } from '@atrous/segmenter/files';
import { AtrousError, messageOf } from '@atrous/tensor';
import { loadSegmenter } from '../load_segmenter.ts';
import { modelInputs } from '../model_paths.ts';
import { note, print, progressBar } from '../output.ts';
import { refuseOverwrites } from '../overwrites.ts';
import { findPictures, type PictureFile } from '../pictures.ts';
import { printableName } from '../printable.ts';
import { decodeVideo } from './decode.ts';
import { type DrawOptions, isCutOut, type Output, type VideoKind, videoKinds } from './outputs.ts';
import { probeVideo, type VideoFacts } from './probe.ts';
import { type Encoders, findFfmpeg } from './tools.ts';

export interface VideoFlags
  extends Omit<DrawOptions, 'classes' | 'kept'>,
    Pick<SegmenterOptions, 'runtime' | 'threads' | 'precision' | 'compute'>,
    Pick<SegmentOptions, 'scales' | 'flip' | 'window' | 'minConfidence'> {
  readonly output: string;
  readonly model: string;
  /** What is written of each. */
  readonly video: readonly VideoKind[];
  /** The past's share of each frame. */
  readonly smoothing: number;
  /** Classes of a cut-out, by name. */
  readonly cutout?: readonly string[];
  readonly hardEdges: boolean;
  readonly save: readonly string[];
  readonly json: boolean;
}

const videoName = /\.(mp4|m4v|mov|webm|mkv|avi|mpe?g|m2?ts|ogv|wmv|flv|3gp)$/i;

/** Whether an argument names a video, or several by a pattern. */
export const isVideo = (arg: string): boolean => videoName.test(arg);

/** A video and where its results go. */
interface Job {
  readonly video: VideoFacts;
  readonly paths: Readonly<Partial<Record<VideoKind, string>>>;
}

interface SegmentedVideo {
  readonly input: string;
  readonly frames: number;
  readonly width: number;
  readonly height: number;
  readonly files: Job['paths'];
  readonly milliseconds: number;
}

/**
 * Segments videos, one after the other; what fails does not stop the others.
 * @throws AtrousError `unavailable` without ffmpeg, `input` for what goes with pictures alone
 */
export async function segmentVideos(
  args: readonly string[],
  flags: VideoFlags,
  signal: AbortSignal,
): Promise<void> {
  const picture = args.find((arg) => !isVideo(arg));
  if (picture !== undefined)
    throw new AtrousError(
      'input',
      `${picture} is no video, and others are: segment pictures by a call of their own`,
    );
  if (flags.save.length > 0)
    throw new AtrousError(
      'input',
      '--save is for pictures: of a video, --video png writes the label map of every frame',
    );
  const { pictures: found, skipped } = await findPictures(args);
  const encoders = await findFfmpeg(signal);
  const failed: { input: string; error: string }[] = [];
  const jobs = await plan(found, flags, encoders, failed, signal);
  refuseOverwrites(
    [...found.map(({ path }) => path), ...modelInputs(flags.model)],
    jobs.flatMap(({ video, paths }) =>
      Object.entries(paths).map(([kind, path]) => ({ path, from: video.path, isFolder: kind === 'png' })),
    ),
  );
  await makeFolder(flags.output);
  const segmenter = await loadSegmenter(flags, signal);
  const { classes } = segmenter;
  const behind = backgroundIds(classes);
  const all = classes.map(({ id }) => id).filter((id) => !behind.includes(id));
  const options = { ...flags, classes, kept: flags.cutout ? idsOf(flags.cutout, classes) : all };

  const done: SegmentedVideo[] = [];
  for (const job of jobs) {
    try {
      done.push(await segmentVideo(segmenter, job, options, encoders, signal));
    } catch (error) {
      if (signal.aborted) throw error;
      failed.push({ input: job.video.path, error: messageOf(error) });
    }
  }
  await segmenter.dispose();
  const result = {
    model: segmenter.config.name,
    runtime: segmenter.runtime,
    reason: segmenter.reason,
    videos: done,
    failed,
    skipped,
  };
  print(flags, result, () =>
    [`${result.model} on ${result.runtime} (${result.reason})`, ...done.map(describe)].join('\n\n'),
  );
  if (skipped.length > 0)
    note(`atrous: results of earlier runs skipped: ${skipped.map(printableName).join(', ')}`);
  for (const { input, error } of failed) note(`atrous: ${printableName(input)} failed: ${error}`);
  if (failed.length > 0) process.exitCode ??= 1;
}

/** Looks into all videos, before anything is loaded. */
async function plan(
  files: readonly PictureFile[],
  { output, video: kinds }: VideoFlags,
  encoders: Encoders,
  failed: { input: string; error: string }[],
  signal: AbortSignal,
): Promise<Job[]> {
  const jobs: Job[] = [];
  for (const { path, name } of files) {
    try {
      const video = await probeVideo(path, signal);
      const named = kinds.map((kind) => [
        kind,
        join(output, name) + videoKinds[kind].ending(video, encoders),
      ]);
      jobs.push({ video, paths: Object.fromEntries(named) });
    } catch (error) {
      if (signal.aborted) throw error;
      failed.push({ input: path, error: messageOf(error) });
    }
  }
  return jobs;
}

/** One video: its files get their names when all of them are whole. */
async function segmentVideo(
  segmenter: Segmenter,
  { video, paths }: Job,
  options: VideoFlags & DrawOptions,
  encoders: Encoders,
  signal: AbortSignal,
): Promise<SegmentedVideo> {
  const began = performance.now();
  const { scales, flip, window, minConfidence, smoothing, kept, hardEdges } = options;
  const kinds = Object.keys(paths) as VideoKind[];
  const cutOut = kinds.some(isCutOut) && !hardEdges ? kept : undefined;
  const outputs: Output[] = [];
  const expected = video.frames ?? 0;
  const bar = progressBar(expected);
  let frames = 0;
  try {
    for (const kind of kinds)
      outputs.push(await videoKinds[kind].open(paths[kind]!, video, options, encoders, signal));
    const views = { scales, flip, window, minConfidence, smoothing, cutOut, signal };
    for await (const { frame, ...found } of segmenter.stream(decodeVideo(video, signal), views)) {
      for (const output of outputs) await output.take(frame, found);
      if (frames++ < expected) bar.step(video.path);
    }
    await Promise.all(outputs.map((output) => output.finish()));
    for (const output of outputs) await output.keep();
  } finally {
    bar.end();
    await Promise.all(outputs.map((output) => output.drop())); // what has its name is not there any more
  }
  return {
    input: video.path,
    frames,
    width: video.width,
    height: video.height,
    files: paths,
    milliseconds: Math.round(performance.now() - began),
  };
}

function describe({ input, frames, width, height, milliseconds, files }: SegmentedVideo): string {
  const seconds = milliseconds / 1000;
  return [
    `${printableName(input)}: ${frames} frames of ${width} × ${height}, ${seconds.toFixed(1)} s, ${(frames / seconds).toFixed(1)} frames a second`,
    ...Object.values(files).map((path) => `  → ${printableName(path)}`),
  ].join('\n');
}
