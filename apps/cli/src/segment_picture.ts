import { join } from 'node:path';
import { writeWhole } from '@atrous/checkpoint/node';
import { backgroundIds, classProbability, type LabelMap, paletteOf } from '@atrous/mask';
import { type Pixels, readPicture, type Segmenter, type SegmentOptions, unknownId } from '@atrous/segmenter';
import type { Tensor } from '@atrous/tensor';
import { percent, table } from './output.ts';
import type { PictureFile } from './pictures.ts';
import { writeCutOut, writeLabelPng, writeOverlay, writeSoftCutOut } from './png_files.ts';
import { printableName } from './printable.ts';
import { encodePicture, pathsOfPicture, type RunFiles, type SaveFormat, type ShapeOptions } from './saves.ts';

/** What is made of each picture, and how it is looked at. */
export interface ResultOptions
  extends ShapeOptions,
    Pick<SegmentOptions, 'scales' | 'flip' | 'window' | 'minConfidence'> {
  /** The folder of the results. */
  readonly output: string;
  /** Classes of the cut-out, by name. */
  readonly cutout?: readonly string[];
  /** Cut along the pixels of the label map. */
  readonly hardEdges: boolean;
  readonly opacity: number;
  readonly outline: boolean;
  readonly maskFormat: 'palette' | 'grey';
  readonly save: readonly SaveFormat[];
}

/** The files of one picture. */
interface ResultPaths {
  readonly mask: string;
  readonly overlay: string;
  readonly cutout?: string;
  /** By format. */
  readonly saved: ReturnType<typeof pathsOfPicture>;
}

export interface SegmentedFile extends ResultPaths {
  readonly input: string;
  readonly height: number;
  readonly width: number;
  readonly classes: readonly { id: number; name: string; share: number }[];
  readonly milliseconds: number;
}

function resultPaths({ name }: PictureFile, { output, cutout, save }: ResultOptions): ResultPaths {
  const stem = join(output, name);
  return {
    mask: `${stem}.mask.png`,
    overlay: `${stem}.overlay.png`,
    ...(cutout && { cutout: `${stem}.cutout.png` }),
    saved: pathsOfPicture(save, stem),
  };
}

const listOf = ({ mask, overlay, cutout, saved }: ResultPaths): string[] =>
  [mask, overlay, cutout, ...Object.values(saved)].filter((path) => path !== undefined);

/** All files that a picture's results are written to. */
export const resultFiles = (picture: PictureFile, options: ResultOptions): string[] =>
  listOf(resultPaths(picture, options));

/** Segments one picture, writes its files, and adds it to those of the run. @throws AtrousError */
export async function segmentPicture(
  segmenter: Segmenter,
  picture: PictureFile,
  options: ResultOptions & { readonly cutoutIds?: readonly number[] },
  run: RunFiles,
  signal: AbortSignal,
): Promise<SegmentedFile> {
  const start = performance.now();
  const pixels = await readPicture(picture.path);
  const kept = options.cutoutIds;
  const wantsLogits = kept !== undefined && !options.hardEdges;
  const { scales, flip, window, minConfidence } = options;
  const { labels, classes, shares, logits } = await segmenter.segment(pixels, {
    scales,
    flip,
    window,
    minConfidence,
    signal,
    logits: wantsLogits,
  });
  const palette = paletteOf(classes);
  const paths = resultPaths(picture, options);
  await writeLabelPng(paths.mask, labels, options.maskFormat === 'grey' ? undefined : palette);
  signal.throwIfAborted();
  const unknown = {
    id: unknownId(labels),
    name: 'unknown',
    share: 1 - shares.reduce((sum, share) => sum + share, 0),
  };
  const hidden = [...backgroundIds(classes), ...(minConfidence ? [unknown.id] : [])];
  await writeOverlay(paths.overlay, pixels, labels, palette, { ...options, hidden });
  signal.throwIfAborted();
  if (paths.cutout && kept) await saveCutOut(paths.cutout, segmenter, pixels, { labels, logits }, kept);
  for (const { path, text } of encodePicture(paths.saved, picture, labels, classes, options)) {
    signal.throwIfAborted();
    await writeWhole(path, text);
  }
  run.add(labels, picture);
  const named = classes.map(({ id, name }) => ({ id, name, share: shares[id] }));
  const found = [...named, ...(minConfidence ? [unknown] : [])].filter(({ share }) => share > 0);
  return {
    input: picture.path,
    ...paths,
    height: labels.height,
    width: labels.width,
    classes: found.sort((a, b) => b.share - a.share),
    milliseconds: Math.round(performance.now() - start),
  };
}

/** With soft edges where there are logits. */
function saveCutOut(
  path: string,
  { config }: Segmenter,
  pixels: Pixels,
  { labels, logits }: { labels: LabelMap; logits?: Tensor },
  kept: readonly number[],
): Promise<void> {
  if (!logits) return writeCutOut(path, pixels, labels, kept);
  return writeSoftCutOut(path, pixels, classProbability(logits, kept, config.postprocess.resize));
}

export function describeFile(file: SegmentedFile): string {
  const rows = file.classes.map(({ name, share }) => [`  ${name}`, percent(share)]);
  return [
    `${printableName(file.input)}: ${file.width} × ${file.height}, ${file.milliseconds} ms`,
    table(rows),
    ...listOf(file).map((path) => `  → ${printableName(path)}`),
  ].join('\n');
}
