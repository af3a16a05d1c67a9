import { join } from 'node:path';
import { makeFolder } from '@atrous/checkpoint/node';
import { paletteOf } from '@atrous/mask';
import { readPicture, Segmenter } from '@atrous/segmenter';
import { messageOf, unknownName } from '@atrous/tensor';
import type { Label } from '@atrous/zoo';
import { type Command, Option } from 'commander';
import { modelInputs } from '../model_inputs.ts';
import { fraction, list, locateModel } from '../options.ts';
import { downloadProgress, note, percent, print, progressBar, table } from '../output.ts';
import { refuseOverwrites } from '../overwrites.ts';
import { findPictures, type PictureFile } from '../pictures.ts';
import { writeCutOut, writeLabelPng, writeOverlay } from '../png_files.ts';
import { printableName } from '../printable.ts';
import { command, precisionOption, runtimeOption, threadsOption } from './command.ts';

interface SegmentFlags {
  readonly output: string;
  readonly model: string;
  readonly cutout?: readonly string[];
  readonly opacity: number;
  readonly outline: boolean;
  readonly maskFormat: 'palette' | 'grey';
  readonly runtime: string;
  readonly threads?: number;
  readonly precision: 'float32' | 'float16' | 'int8';
  readonly json: boolean;
}

/** The files of one picture. */
interface ResultPaths {
  readonly mask: string;
  readonly overlay: string;
  readonly cutout?: string;
}

interface SegmentedFile extends ResultPaths {
  readonly input: string;
  readonly height: number;
  readonly width: number;
  readonly classes: readonly { id: number; name: string; share: number }[];
  readonly milliseconds: number;
}

export function segmentCommand(signal: AbortSignal): Command {
  return command('segment', 'find what is in pictures: masks, overlays and cut-outs')
    .argument(
      '<pictures...>',
      'files (JPEG, PNG, WebP, AVIF, TIFF, GIF), folders with all that is below them, patterns in quotes',
    )
    .option('-o, --output <folder>', 'where NAME.mask.png and NAME.overlay.png go', '.')
    .option('--model <name>', 'people, street, a model folder, an npm package or a URL', 'people')
    .option(
      '--cutout <classes>',
      'also write NAME.cutout.png: these classes, by name, the rest transparent',
      list,
    )
    .addOption(
      new Option('--mask-format <kind>', 'class ids as palette indices, or as grey values (OpenCV, skimage)')
        .choices(['palette', 'grey'])
        .default('palette'),
    )
    .option('--opacity <share>', 'of the class colours in the overlay', fraction, 0.5)
    .option('--outline', 'draw the borders between classes', false)
    .addOption(runtimeOption())
    .addOption(threadsOption())
    .addOption(precisionOption())
    .addHelpText(
      'after',
      `
Examples:
  atrous segment photo.jpg
  atrous segment *.jpg -o masks --cutout hair,skin,top
  atrous segment holidays -o masks
  atrous segment 'holidays/**/*.jpg' -o masks
  atrous segment street.png --model street --json

Results keep the folders in which the pictures differ: holidays/a/1.png and holidays/b/1.png become a/1.mask.png and
b/1.mask.png. In folders and patterns, hidden files and results of earlier runs (*.mask.png, *.overlay.png,
*.cutout.png) are skipped. Nothing is written over a picture.

Exit codes: 0 all done; 1 an error, or a picture that failed (the others are done); 130 interrupted.`,
    )
    .action((args: string[], flags: SegmentFlags) => segment(args, flags, signal));
}

function pathsOf({ name }: PictureFile, flags: SegmentFlags): ResultPaths {
  const stem = join(flags.output, name);
  return {
    mask: `${stem}.mask.png`,
    overlay: `${stem}.overlay.png`,
    ...(flags.cutout && { cutout: `${stem}.cutout.png` }),
  };
}

function classIds(names: readonly string[], classes: readonly Label[]): number[] {
  return names.map((name) => {
    const found = classes.find((label) => label.name === name || String(label.id) === name);
    if (!found)
      throw unknownName(
        'class',
        name,
        classes.map((label) => label.name),
      );
    return found.id;
  });
}

async function segment(args: readonly string[], flags: SegmentFlags, signal: AbortSignal): Promise<void> {
  const { pictures, failed: unread, skipped } = await findPictures(args);
  refuseOverwrites(
    [...pictures.map(({ path }) => path), ...modelInputs(flags.model)],
    pictures.flatMap((picture) =>
      Object.values(pathsOf(picture, flags)).map((path) => ({ path, from: picture.path })),
    ),
  );
  await makeFolder(flags.output);
  const { runtime, threads, precision } = flags;
  const options = { runtime, threads, precision, signal, onProgress: downloadProgress };
  const segmenter = await Segmenter.load(locateModel(flags.model), options);
  const cutout = flags.cutout && classIds(flags.cutout, segmenter.classes);

  const done: SegmentedFile[] = [];
  const failed = [...unread];
  const bar = progressBar(pictures.length);
  for (const picture of pictures) {
    bar.step(picture.path);
    try {
      done.push(await segmentFile(segmenter, picture, flags, cutout, signal));
    } catch (error) {
      if (signal.aborted) throw error;
      failed.push({ input: picture.path, error: messageOf(error) });
    }
  }
  bar.end();
  await segmenter.dispose();

  const result = {
    model: segmenter.config.name,
    runtime: segmenter.runtime,
    reason: segmenter.reason,
    files: done,
    failed,
    skipped,
  };
  print(flags, result, () =>
    [`${result.model} on ${result.runtime} (${result.reason})`, ...done.map(describeFile)].join('\n\n'),
  );
  if (skipped.length > 0) note(`atrous: results of earlier runs skipped: ${listed(skipped)}`);
  for (const { input, error } of failed) note(`atrous: ${printableName(input)} failed: ${error}`);
  if (failed.length > 0) process.exitCode ??= 1;
}

async function segmentFile(
  segmenter: Segmenter,
  picture: PictureFile,
  flags: SegmentFlags,
  cutout: readonly number[] | undefined,
  signal: AbortSignal,
): Promise<SegmentedFile> {
  const start = performance.now();
  const pixels = await readPicture(picture.path);
  const { labels, classes, shares } = await segmenter.segment(pixels, { signal });
  const palette = paletteOf(segmenter.classes);
  const paths = pathsOf(picture, flags);
  await writeLabelPng(paths.mask, labels, flags.maskFormat === 'grey' ? undefined : palette);
  signal.throwIfAborted();
  await writeOverlay(paths.overlay, pixels, labels, palette, flags);
  signal.throwIfAborted();
  if (paths.cutout && cutout) await writeCutOut(paths.cutout, pixels, labels, cutout);
  const found = classes
    .map(({ id, name }) => ({ id, name, share: shares[id] }))
    .filter(({ share }) => share > 0);
  return {
    input: picture.path,
    ...paths,
    height: labels.height,
    width: labels.width,
    classes: found.sort((a, b) => b.share - a.share),
    milliseconds: Math.round(performance.now() - start),
  };
}

/** The first few, and how many more there are. */
function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map(printableName).join(', ');
  return paths.length > 3 ? `${shown} and ${paths.length - 3} more` : shown;
}

function describeFile(file: SegmentedFile): string {
  const rows = file.classes.map(({ name, share }) => [`  ${name}`, percent(share)]);
  const written = [file.mask, file.overlay, file.cutout].filter((path) => path !== undefined);
  return [
    `${printableName(file.input)}: ${file.height}×${file.width}, ${file.milliseconds} ms`,
    table(rows),
    ...written.map((path) => `  → ${printableName(path)}`),
  ].join('\n');
}
