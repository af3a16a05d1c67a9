import { makeFolder } from '@atrous/checkpoint/node';
import { type ComputeOption, Segmenter } from '@atrous/segmenter';
import { idsOf } from '@atrous/segmenter/files';
import { messageOf } from '@atrous/tensor';
import type { Precision } from '@atrous/zoo';
import { type Command, Option } from 'commander';
import { modelInputs } from '../model_paths.ts';
import { fraction, list, locateModel, numberWithin, wholeWithin } from '../options.ts';
import { loadingReports, note, print, progressBar } from '../output.ts';
import { refuseOverwrites } from '../overwrites.ts';
import { findPictures } from '../pictures.ts';
import { printableName } from '../printable.ts';
import { givenRuntimes } from '../runtimes.ts';
import { collectRun, parseFormats, pathsOfRun, type SaveFormat, saveFormats } from '../saves.ts';
import {
  describeFile,
  type ResultOptions,
  resultFiles,
  type SegmentedFile,
  segmentPicture,
} from '../segment_picture.ts';
import { parseKinds, type VideoKind, videoKinds } from '../video/outputs.ts';
import { isVideo, segmentVideos, type VideoFlags } from '../video/segment_videos.ts';
import {
  command,
  computeOption,
  precisionOption,
  runtimeOption,
  threadsOption,
  viewOptions,
} from './command.ts';

interface SegmentFlags extends ResultOptions, Pick<VideoFlags, 'video' | 'smoothing'> {
  readonly model: string;
  readonly runtime: string;
  readonly threads?: number;
  readonly precision?: Precision;
  readonly compute: ComputeOption;
  readonly json: boolean;
}

export function segmentCommand(signal: AbortSignal): Command {
  const segmenting = command('segment', 'find what is in pictures: masks, overlays and cut-outs')
    .argument(
      '<pictures...>',
      'files (JPEG, PNG, WebP, AVIF, TIFF, GIF), folders with all that is below them, patterns in quotes',
    )
    .option('-o, --output <folder>', 'where NAME.mask.png and NAME.overlay.png go', '.')
    .option(
      '--model <name>',
      'people, people-small, street, a checkpoint of any format, a model folder, an npm package or a URL',
      'people',
    )
    .option(
      '--cutout <classes>',
      'also write NAME.cutout.png: these classes, by name, the rest transparent',
      list,
    )
    .option('--hard-edges', 'cut along the pixels of the mask, without soft edges', false)
    .addOption(
      new Option('--mask-format <kind>', 'class ids as palette indices, or as grey values (OpenCV, skimage)')
        .choices(['palette', 'grey'])
        .default('palette'),
    )
    .option(
      '--save <formats>',
      `also as data: ${saveFormats.join(', ')}, with commas between`,
      parseFormats,
      [] as SaveFormat[],
    )
    .option('--tolerance <px>', 'how far outlines may be off, for shorter ones', numberWithin(0, 1000), 0)
    .option('--smooth <n>', 'rounds of corner cutting on outlines, 0 to 5', wholeWithin(0, 5), 0)
    .addOption(
      new Option('--objects <kind>', 'in coco: each connected area, or one per class and picture')
        .choices(['instances', 'classes'])
        .default('instances'),
    )
    .option('--polygons', 'objects of coco and cvat as polygons where they have no holes', false)
    .option('--opacity <share>', 'of the class colours in the overlay', fraction, 0.5)
    .option('--outline', 'draw the borders between classes', false)
    .option(
      '--min-confidence <share>',
      'pixels whose class is less probable than this are unknown: 255 in the mask',
      numberWithin(0, 0.999),
    )
    .option(
      '--video <kinds>',
      `of videos: ${Object.keys(videoKinds).join(', ')}, with commas between; needs ffmpeg`,
      parseKinds,
      ['overlay'] as VideoKind[],
    )
    .option(
      '--smoothing <share>',
      "of videos: the past's share of each frame's mask, for less flicker",
      numberWithin(0, 0.99),
      0,
    )
    .addOption(runtimeOption())
    .addOption(threadsOption())
    .addOption(precisionOption())
    .addOption(computeOption())
    .addHelpText(
      'after',
      `
Examples:
  atrous segment photo.jpg
  atrous segment *.jpg -o masks --cutout hair,skin,top
  atrous segment holidays -o masks
  atrous segment 'holidays/**/*.jpg' -o masks
  atrous segment holidays -o masks --save coco,svg --tolerance 2
  atrous segment street.png --model street --json
  atrous segment portrait.jpg --scales 0.75,1,1.5 --flip
  atrous segment clip.mp4 -o masks --video overlay,png --smoothing 0.5

Results keep the folders in which the pictures differ: holidays/a/1.png and holidays/b/1.png become a/1.mask.png and
b/1.mask.png. In folders and patterns, hidden files and results of earlier runs (*.mask.png, *.overlay.png,
*.cutout.png) are skipped. Nothing is written over a picture.

--save writes, for the whole run, atrous.coco.json, atrous.cvat.xml (CVAT for images 1.1), atrous.csv (pixels and shares);
for each picture, NAME.mask.geojson, NAME.mask.svg, NAME.labelme.json.

--video, of each video, with its times, its size and its sound:
${Object.entries(videoKinds)
  .map(([kind, { detail }]) => `  ${kind.padEnd(12)}${detail}`)
  .join('\n')}

Exit codes: 0 all done; 1 an error, or a picture that failed (the others are done); 130 interrupted.`,
    )
    .action((args: string[], flags: SegmentFlags) =>
      args.some(isVideo) ? segmentVideos(args, flags, signal) : segment(args, flags, signal),
    );
  for (const option of viewOptions()) segmenting.addOption(option);
  return segmenting;
}

async function segment(args: readonly string[], flags: SegmentFlags, signal: AbortSignal): Promise<void> {
  const { pictures, failed: unread, skipped } = await findPictures(args);
  const runPaths = pathsOfRun(flags.save, flags.output);
  refuseOverwrites(
    [...pictures.map(({ path }) => path), ...modelInputs(flags.model)],
    [
      ...pictures.flatMap((picture) =>
        resultFiles(picture, flags).map((path) => ({ path, from: picture.path })),
      ),
      ...Object.entries(runPaths).map(([format, path]) => ({ path, from: `--save ${format}` })),
    ],
  );
  await makeFolder(flags.output);
  const { runtime, threads, precision, compute } = flags;
  const options = {
    runtimes: givenRuntimes,
    runtime,
    threads,
    precision,
    compute,
    signal,
    ...loadingReports,
  };
  const segmenter = await Segmenter.load(locateModel(flags.model), options);
  if (flags.cutout) idsOf(flags.cutout, segmenter.classes); // an unknown class is said before any picture is read
  const run = collectRun(runPaths, segmenter.classes, flags);

  const done: SegmentedFile[] = [];
  const failed = [...unread];
  const bar = progressBar(pictures.length);
  for (const picture of pictures) {
    bar.step(picture.path);
    try {
      done.push(await segmentPicture(segmenter, picture, flags, run, signal));
    } catch (error) {
      if (signal.aborted) throw error;
      failed.push({ input: picture.path, error: messageOf(error) });
    }
  }
  bar.end();
  await segmenter.dispose();
  if (done.length > 0) await run.write();

  const result = {
    model: segmenter.config.name,
    runtime: segmenter.runtime,
    reason: segmenter.reason,
    files: done,
    saved: done.length > 0 ? runPaths : {},
    failed,
    skipped,
  };
  print(flags, result, () =>
    [
      `${result.model} on ${result.runtime} (${result.reason})`,
      ...done.map(describeFile),
      Object.values(result.saved)
        .map((path) => `→ ${printableName(path)}`)
        .join('\n'),
    ]
      .filter(Boolean)
      .join('\n\n'),
  );
  if (skipped.length > 0) note(`atrous: results of earlier runs skipped: ${listed(skipped)}`);
  for (const { input, error } of failed) note(`atrous: ${printableName(input)} failed: ${error}`);
  if (failed.length > 0) process.exitCode ??= 1;
}

/** The first few, and how many more there are. */
function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map(printableName).join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}
