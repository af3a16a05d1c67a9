import { mkdir, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { cutOut, encodeLabelPng, encodePng, overlay, type Palette, paletteOf } from '@atrous/mask';
import { readPicture, Segmenter, toRgba } from '@atrous/segmenter';
import { AtrousError, messageOf, unknownName } from '@atrous/tensor';
import type { Label } from '@atrous/zoo';
import type { Command } from 'commander';
import { fraction, list, locateModel } from '../options.ts';
import { downloadProgress, note, percent, print, progressBar, table } from '../output.ts';
import { command, precisionOption, runtimeOption, threadsOption } from './command.ts';

interface SegmentFlags {
  readonly output: string;
  readonly model: string;
  readonly cutout?: readonly string[];
  readonly opacity: number;
  readonly outline: boolean;
  readonly runtime: string;
  readonly threads?: number;
  readonly precision: 'float32' | 'float16' | 'int8';
  readonly json: boolean;
}

interface SegmentedFile {
  readonly input: string;
  readonly mask: string;
  readonly overlay: string;
  readonly cutout?: string;
  readonly height: number;
  readonly width: number;
  readonly classes: readonly { id: number; name: string; share: number }[];
  readonly milliseconds: number;
}

export function segmentCommand(signal: AbortSignal): Command {
  return command('segment', 'find what is in pictures: masks, overlays and cut-outs')
    .argument('<files...>', 'pictures: JPEG, PNG or WebP')
    .option('-o, --output <folder>', 'where NAME.mask.png and NAME.overlay.png go', '.')
    .option('--model <name>', 'people, street, a model folder, an npm package or a URL', 'people')
    .option(
      '--cutout <classes>',
      'also write NAME.cutout.png: these classes, by name, the rest transparent',
      list,
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
  atrous segment street.png --model street --json`,
    )
    .action((files: string[], flags: SegmentFlags) => segment(files, flags, signal));
}

/** Where each input's results go. @throws AtrousError `input` when two would write the same files */
function outputNames(files: readonly string[], folder: string): Map<string, string> {
  const stems = new Map<string, string>();
  for (const file of files) {
    const stem = join(folder, basename(file, extname(file)));
    const other = stems.get(stem);
    if (other !== undefined) {
      throw new AtrousError(
        'input',
        `${other} and ${file} would both write ${stem}.mask.png: segment them into different folders`,
      );
    }
    stems.set(stem, file);
  }
  return new Map([...stems].map(([stem, file]) => [file, stem]));
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

async function segment(files: readonly string[], flags: SegmentFlags, signal: AbortSignal): Promise<void> {
  const names = outputNames(files, flags.output);
  const { runtime, threads, precision } = flags;
  const options = { runtime, threads, precision, signal, onProgress: downloadProgress };
  const segmenter = await Segmenter.load(locateModel(flags.model), options);
  const cutout = flags.cutout && classIds(flags.cutout, segmenter.classes);
  const palette = paletteOf(segmenter.classes);
  await mkdir(flags.output, { recursive: true });

  const done: SegmentedFile[] = [];
  const failed: { input: string; error: string }[] = [];
  const bar = progressBar(files.length);
  for (const [input, stem] of names) {
    bar.step(input);
    try {
      done.push(await segmentFile(segmenter, input, stem, { ...flags, cutout, palette, signal }));
    } catch (error) {
      if (signal.aborted) throw error;
      failed.push({ input, error: messageOf(error) });
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
  };
  print(flags, result, () =>
    [`${result.model} on ${result.runtime} (${result.reason})`, ...done.map(describeFile)].join('\n\n'),
  );
  for (const { input, error } of failed) note(`atrous: ${input} failed: ${error}`);
  if (failed.length > 0) process.exitCode = 1;
}

async function segmentFile(
  segmenter: Segmenter,
  input: string,
  stem: string,
  options: Pick<SegmentFlags, 'opacity' | 'outline'> & {
    cutout?: readonly number[];
    palette: Palette;
    signal: AbortSignal;
  },
): Promise<SegmentedFile> {
  const start = performance.now();
  const pixels = await readPicture(input);
  const { labels, classes, shares } = await segmenter.segment(pixels, { signal: options.signal });
  const picture = toRgba(pixels);
  const paths = { mask: `${stem}.mask.png`, overlay: `${stem}.overlay.png` };
  await writeFile(paths.mask, encodeLabelPng(labels, options.palette));
  await writeFile(paths.overlay, encodePng(overlay(picture, labels, options.palette, options)));
  const cutout = options.cutout && `${stem}.cutout.png`;
  if (cutout && options.cutout) await writeFile(cutout, encodePng(cutOut(picture, labels, options.cutout)));
  const found = classes
    .map(({ id, name }) => ({ id, name, share: shares[id] }))
    .filter(({ share }) => share > 0);
  return {
    input,
    ...paths,
    ...(cutout && { cutout }),
    height: labels.height,
    width: labels.width,
    classes: found.sort((a, b) => b.share - a.share),
    milliseconds: Math.round(performance.now() - start),
  };
}

function describeFile(file: SegmentedFile): string {
  const rows = file.classes.map(({ name, share }) => [`  ${name}`, percent(share)]);
  const written = [file.mask, file.overlay, file.cutout].filter((path) => path !== undefined);
  return [
    `${file.input}: ${file.height}×${file.width}, ${file.milliseconds} ms`,
    table(rows),
    ...written.map((path) => `  → ${path}`),
  ].join('\n');
}
