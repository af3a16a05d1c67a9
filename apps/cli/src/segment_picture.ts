import { join } from 'node:path';
import { writePieces } from '@atrous/checkpoint/node';
import { readPicture, type Segmenter, type SegmentOptions, unknownId } from '@atrous/segmenter';
import { type FileFormat, type ShapeOptions, segmentToFiles } from '@atrous/segmenter/files';
import { percent, table } from './output.ts';
import type { PictureFile } from './pictures.ts';
import { printableName } from './printable.ts';
import { pathsOfPicture, pictureBeside, type RunFiles, type SaveFormat } from './saves.ts';

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

/** The format of each file of a picture. */
function formatsOf({ mask, overlay, cutout, saved }: ResultPaths, { maskFormat }: ResultOptions) {
  const files: readonly (readonly [FileFormat, string | undefined])[] = [
    [maskFormat === 'grey' ? 'labels' : 'mask', mask],
    ['overlay', overlay],
    ['cutout', cutout],
    ...(Object.entries(saved) as [FileFormat, string][]),
  ];
  return files.filter((file): file is readonly [FileFormat, string] => file[1] !== undefined);
}

/** Segments one picture, writes its files, and adds it to those of the run. @throws AtrousError */
export async function segmentPicture(
  segmenter: Segmenter,
  picture: PictureFile,
  options: ResultOptions,
  run: RunFiles,
  signal: AbortSignal,
): Promise<SegmentedFile> {
  const start = performance.now();
  const pixels = await readPicture(picture.path);
  const paths = resultPaths(picture, options);
  const files = formatsOf(paths, options);
  const segmented = await segmentToFiles(
    segmenter,
    pixels,
    files.map(([format]) => format),
    { ...options, classes: options.cutout, signal },
  );
  const { labels, classes, shares } = segmented;
  for (const [format, path] of files) {
    await writePieces(path, { pieces: segmented.encode(format, pictureBeside(path, picture)) });
    signal.throwIfAborted();
  }
  const unknown = {
    id: unknownId(labels),
    name: 'unknown',
    share: 1 - shares.reduce((sum, share) => sum + share, 0),
  };
  run.add(labels, picture);
  const named = classes.map(({ id, name }) => ({ id, name, share: shares[id] }));
  const found = [...named, ...(options.minConfidence ? [unknown] : [])].filter(({ share }) => share > 0);
  return {
    input: picture.path,
    ...paths,
    height: labels.height,
    width: labels.width,
    classes: found.sort((a, b) => b.share - a.share),
    milliseconds: Math.round(performance.now() - start),
  };
}

export function describeFile(file: SegmentedFile): string {
  const rows = file.classes.map(({ name, share }) => [`  ${name}`, percent(share)]);
  return [
    `${printableName(file.input)}: ${file.width} × ${file.height}, ${file.milliseconds} ms`,
    table(rows),
    ...listOf(file).map((path) => `  → ${printableName(path)}`),
  ].join('\n');
}
