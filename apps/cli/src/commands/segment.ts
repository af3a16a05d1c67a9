import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ComputeOption, Segmenter } from '@atrous/segmenter';
import { idsOf } from '@atrous/segmenter/files';
import { AtrousError } from '@atrous/tensor';
import type { Precision } from '@atrous/zoo';
import { type Command, Option } from 'commander';
import { type OutputPlace, outputPlace } from '../archive_output.ts';
import { loadSegmenter } from '../load_segmenter.ts';
import { modelInputs } from '../model_paths.ts';
import { fraction, list, locateModel, numberWithin, someOf, wholeNumber, wholeWithin } from '../options.ts';
import { note, print } from '../output.ts';
import { refuseOverwrites } from '../overwrites.ts';
import { filesOfPictures, findPictures, type PictureFile } from '../pictures.ts';
import { printableName } from '../printable.ts';
import {
  digest,
  digestOfFile,
  forgetManifest,
  type Manifest,
  openManifest,
  removeHalves,
} from '../resume.ts';
import { runtimesFor } from '../runtimes.ts';
import { collectRun, pathsOfRun, type SaveFormat, saveFormats } from '../saves.ts';
import {
  describeFile,
  type PictureFacts,
  type ResultOptions,
  resultFiles,
  resultPaths,
  type SegmentedFile,
} from '../segment_picture.ts';
import { segmentPictures } from '../segment_pictures.ts';
import { version } from '../version.ts';
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
  readonly jobs: number;
  readonly resume: boolean;
  readonly json: boolean;
}

export function segmentCommand(signal: AbortSignal): Command {
  const segmenting = command('segment', 'find what is in pictures: masks, overlays and cut-outs')
    .argument(
      '<pictures...>',
      'files (JPEG, PNG, WebP, AVIF, TIFF, GIF), folders with all that is below them, patterns in quotes, zip and tar archives, @list.txt',
    )
    .option(
      '-o, --output <place>',
      'where NAME.mask.png and NAME.overlay.png go: a folder, or an archive that ends in .zip or .tar',
      '.',
    )
    .option(
      '--resume',
      'keep a manifest in the output, and leave what an earlier run with the same settings has done',
      false,
    )
    .option(
      '--jobs <n>',
      'pictures under way at once: one in the network, while others are read and written',
      wholeNumber(1),
      3,
    )
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
      someOf(saveFormats),
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
  atrous segment holidays.zip -o masks.zip
  atrous segment holidays -o masks --resume
  find . -name '*.jpg' -newer last | atrous segment @- -o masks
  atrous segment clip.mp4 -o masks --video overlay,png --smoothing 0.5

Results keep the folders in which the pictures differ: holidays/a/1.png and holidays/b/1.png become a/1.mask.png and
b/1.mask.png. In folders and patterns, hidden files and results of earlier runs (*.mask.png, *.overlay.png,
*.cutout.png) are skipped. Nothing is written over a picture. Pictures are read from inside an archive, which counts as a folder; @list.txt
names a file, folder, pattern or archive on each line, @- reads such a list from standard input.

With --resume, from the first run on, a run may be killed at any moment: the same command goes on with it. A picture is done again where it or one
of its results changed; all are, where the settings, the model or its runtime did. atrous.resume.jsonl beside the results says what is done.

--save writes, for the whole run, atrous.coco.json, atrous.cvat.xml (CVAT for images 1.1), atrous.csv (pixels and shares);
for each picture, NAME.mask.geojson, NAME.mask.svg, NAME.labelme.json.

--video, of each video, with its times, its size and its sound:
${Object.entries(videoKinds)
  .map(([kind, { detail }]) => `  ${kind.padEnd(12)}${detail}`)
  .join('\n')}

Exit codes: 0 all done; 1 an error, or a picture that failed (the others are done); 130 interrupted.`,
    )
    .action((args: string[], flags: SegmentFlags) =>
      args.some(isVideo) ? segmentVideos(args, forVideos(flags), signal) : segment(args, flags, signal),
    );
  for (const option of viewOptions()) segmenting.addOption(option);
  return segmenting;
}

/** @throws AtrousError `input` for what pictures alone have */
function forVideos(flags: SegmentFlags): SegmentFlags {
  const given = flags.resume ? '--resume' : outputPlace(flags.output, false).archive && `-o ${flags.output}`;
  if (given === undefined) return flags;
  throw new AtrousError(
    'input',
    `${given} is for pictures: videos go into a folder, each whole or not at all`,
  );
}

async function segment(args: readonly string[], flags: SegmentFlags, signal: AbortSignal): Promise<void> {
  const start = performance.now();
  const found = await findPictures(args);
  const place = outputPlace(flags.output, flags.resume);
  const written = { ...flags, output: place.folder };
  refuseOverwrites(
    [...filesOfPictures(found.pictures), ...modelInputs(flags.model)],
    [
      ...found.pictures.flatMap((picture) =>
        resultFiles(picture, written).map((path) => ({ path, from: picture.path })),
      ),
      ...Object.entries(pathsOfRun(flags.save, place.folder)).map(([format, path]) => ({
        path,
        from: `--save ${format}`,
      })),
      ...(place.archive ? [{ path: place.archive, from: '-o' }] : []),
    ],
  );
  let run: Awaited<ReturnType<typeof segmentInto>>;
  try {
    await place.begin();
    run = await segmentInto(place, found.pictures, written, signal);
  } finally {
    await place.end();
  }
  const { done, model, runtime, reason } = run;
  const saved = done.length > 0 ? pathsOfRun(flags.save, flags.output) : {};
  const archive = done.length > 0 ? place.archive : undefined;
  const result = {
    model,
    runtime,
    reason,
    files: done.map(({ picture, file }) => ({ ...file, ...resultPaths(picture, flags) })),
    saved,
    ...(archive && { archive }),
    failed: [...found.failed, ...run.failed],
    skipped: found.skipped,
    seconds: Math.round(performance.now() - start) / 1000,
  };
  print(flags, result, () =>
    [
      `${model} on ${runtime} (${reason})`,
      ...result.files.map(describeFile),
      [...Object.values(saved), ...(archive ? [archive] : [])]
        .map((path) => `→ ${printableName(path)}`)
        .join('\n'),
      found.pictures.length > 1 ? describeRun(result) : '',
    ]
      .filter(Boolean)
      .join('\n\n'),
  );
  if (found.skipped.length > 0) note(`atrous: results of earlier runs skipped: ${listed(found.skipped)}`);
  for (const { input, error } of result.failed) note(`atrous: ${printableName(input)} failed: ${error}`);
  if (result.failed.length > 0) process.exitCode ??= 1;
}

/** Loads the model, segments pictures, and writes their results and the files of the run. */
async function segmentInto(
  place: OutputPlace,
  pictures: readonly PictureFile[],
  flags: SegmentFlags,
  signal: AbortSignal,
) {
  const segmenter = await loadSegmenter(flags, signal, runtimesFor(pictures.length, flags.jobs));
  if (flags.cutout) idsOf(flags.cutout, segmenter.classes); // an unknown class is said before any picture is read
  const manifest = await manifestFor(place.folder, segmenter, flags);
  if (manifest)
    await removeHalves(new Set(pictures.flatMap((picture) => resultFiles(picture, flags)).map(dirname)));
  const paths = pathsOfRun(flags.save, place.folder);
  const files = collectRun(paths, segmenter.classes, flags);
  const { done, failed } = await segmentPictures(segmenter, pictures, { ...flags, manifest }, files, signal);
  await segmenter.dispose();
  await manifest?.finish();
  if (done.length > 0) {
    await files.write();
    await place.finish([
      ...done.flatMap(({ picture }) => resultFiles(picture, flags)),
      ...Object.values(paths),
    ]);
  }
  const { config, runtime, reason } = segmenter;
  return { model: config.name, runtime, reason, done, failed };
}

/** What earlier runs with the same settings have done; a run that does not ask for it makes what they knew wrong. */
async function manifestFor(
  folder: string,
  { config, runtime, compute, precision }: Segmenter,
  flags: SegmentFlags,
): Promise<Manifest<PictureFacts> | undefined> {
  if (!flags.resume) {
    await forgetManifest(folder);
    return undefined;
  }
  const { model, output: _, jobs: _1, threads: _2, json: _3, ...settings } = flags;
  // a folder's config says the checksums of its weights
  const path = locateModel(model);
  const isFile = await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
  const weights = isFile ? await digestOfFile(path) : model;
  const all = { ...settings, version, weights, config, runtime, compute, precision };
  return openManifest(folder, digest(JSON.stringify(all)));
}

/** `299 pictures in 92.1 s, 3.3 a second, 1 failed` */
function describeRun({
  files,
  failed,
  seconds,
}: {
  readonly files: readonly SegmentedFile[];
  readonly failed: readonly unknown[];
  readonly seconds: number;
}): string {
  const kept = files.filter(({ milliseconds }) => milliseconds === undefined).length;
  const pictures = files.length - kept;
  return [
    `${pictures} pictures in ${seconds.toFixed(1)} s, ${(pictures / seconds).toFixed(1)} a second`,
    ...(kept > 0 ? [`${kept} done by an earlier run`] : []),
    ...(failed.length > 0 ? [`${failed.length} failed`] : []),
  ].join(', ');
}

/** The first few, and how many more there are. */
function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map(printableName).join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}
