import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePieces } from '@atrous/checkpoint/node';
import { decodeLabelPng, type LabelMap } from '@atrous/mask';
import { readPicture, type Segmenter, type SegmentOptions, unknownId } from '@atrous/segmenter';
import { type FileFormat, type ShapeOptions, segmentToFiles } from '@atrous/segmenter/files';
import { percent, table } from './output.ts';
import { bringPicture, type PictureFile } from './pictures.ts';
import { printableName } from './printable.ts';
import { digest, type Manifest } from './resume.ts';
import { pathsOfPicture, pictureBeside, type SaveFormat } from './saves.ts';

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

/** What was found in a picture. */
export interface PictureFacts {
  readonly height: number;
  readonly width: number;
  readonly classes: readonly { id: number; name: string; share: number }[];
}

export interface SegmentedFile extends ResultPaths, PictureFacts {
  readonly input: string;
  /** How long it was under way; absent where an earlier run did it. */
  readonly milliseconds?: number;
}

/** A picture's files, and its label map. */
interface Segmented {
  readonly file: SegmentedFile;
  readonly labels: LabelMap;
}

/** How one picture of a run is done. */
export interface PictureRun extends ResultOptions {
  /** What earlier runs have done. */
  readonly manifest?: Manifest<PictureFacts>;
}

/** Where a picture's results go. */
export function resultPaths({ name }: PictureFile, { output, cutout, save }: ResultOptions): ResultPaths {
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

/** Segments one picture and writes its files, unless an earlier run has done so. @throws AtrousError */
export async function segmentPicture(
  segmenter: Segmenter,
  picture: PictureFile,
  options: PictureRun,
  signal: AbortSignal,
): Promise<Segmented> {
  const { manifest } = options;
  const given = await bringPicture(picture);
  const paths = resultPaths(picture, options);
  const content = manifest && (await contentOf(given));
  if (!manifest || content === undefined)
    return segmentNow(segmenter, picture, given, paths, options, signal);
  // files of results say where the picture lies
  const from = pictureBeside(paths.mask, picture);
  const known = { name: picture.name, from, content: digest(content) };
  const facts = await manifest.find(known);
  if (facts) {
    const labels = decodeLabelPng(await readFile(paths.mask), paths.mask);
    return { file: { input: picture.path, ...paths, ...facts }, labels };
  }
  await manifest.begin(picture.name);
  const named = new File([content], picture.path);
  const done = await segmentNow(segmenter, picture, named, paths, options, signal);
  const { height, width, classes } = done.file;
  await manifest.add({ ...known, files: listOf(paths), facts: { height, width, classes } });
  return done;
}

/** The bytes of a picture; undefined for one that lies on another machine, which is not asked twice. */
async function contentOf(given: string | File): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (typeof given !== 'string') return new Uint8Array(await given.arrayBuffer());
  return readFile(given).catch(() => undefined); // what is wrong with it is said when it is read as a picture
}

async function segmentNow(
  segmenter: Segmenter,
  picture: PictureFile,
  given: string | File,
  paths: ResultPaths,
  options: PictureRun,
  signal: AbortSignal,
): Promise<Segmented> {
  const start = performance.now();
  const pixels = await readPicture(given);
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
  const named = classes.map(({ id, name }) => ({ id, name, share: shares[id] }));
  const found = [...named, ...(options.minConfidence ? [unknown] : [])].filter(({ share }) => share > 0);
  const facts = {
    height: labels.height,
    width: labels.width,
    classes: found.sort((a, b) => b.share - a.share),
  };
  const milliseconds = Math.round(performance.now() - start);
  return { file: { input: picture.path, ...paths, ...facts, milliseconds }, labels };
}

export function describeFile(file: SegmentedFile): string {
  const rows = file.classes.map(({ name, share }) => [`  ${name}`, percent(share)]);
  const how = file.milliseconds === undefined ? 'done by an earlier run' : `${file.milliseconds} ms`;
  return [
    `${printableName(file.input)}: ${file.width} × ${file.height}, ${how}`,
    table(rows),
    ...listOf(file).map((path) => `  → ${printableName(path)}`),
  ].join('\n');
}
