import { backgroundIds, classProbability, type NamedClass } from '@atrous/mask';
import { unknownName } from '@atrous/tensor';
import { type FileFormat, type FileOptions, fileFormats } from './file_formats.ts';
import type { Pixels } from './pixels.ts';
import type { Pieces } from './png_pieces.ts';
import type { Segmentation, SegmentOptions } from './segmenter.ts';
import type { Segmenter } from './stream.ts';
import { unknownId } from './unknown.ts';

export {
  type Collection,
  collections,
  type FileFormat,
  type FileOptions,
  type FilePicture,
  fileFormats,
  type ShapeOptions,
  utf8,
} from './file_formats.ts';
export { labelPng, type Pieces } from './png_pieces.ts';

/** Views, limits and how files are drawn. */
export interface SegmentToFilesOptions
  extends FileOptions,
    Pick<SegmentOptions, 'scales' | 'flip' | 'window' | 'minConfidence' | 'signal'> {}

/** What was found in a picture, and its files. */
export interface PictureFiles extends Pick<Segmentation, 'labels' | 'classes' | 'shares' | 'timings'> {
  /** A file's bytes, made while they are read. @param name of the picture, for files that hold it */
  encode(format: FileFormat, name: string): Pieces;
}

/**
 * Segments a picture so that files of these formats can be made of it.
 * @throws AtrousError `input` for a class that the model does not have, and what `segment` throws
 */
export async function segmentToFiles(
  segmenter: Pick<Segmenter<Pixels>, 'segment' | 'classes' | 'config'>,
  picture: Pixels,
  formats: readonly FileFormat[],
  options: SegmentToFilesOptions = {},
): Promise<PictureFiles> {
  const { scales, flip, window, minConfidence, signal, ...fileOptions } = options;
  const background = backgroundIds(segmenter.classes);
  const kept = fileOptions.classes
    ? idsOf(fileOptions.classes, segmenter.classes)
    : segmenter.classes.map(({ id }) => id).filter((id) => !background.includes(id));
  const isSoft = formats.includes('cutout') && !fileOptions.hardEdges;
  const { labels, classes, shares, logits, timings } = await segmenter.segment(picture, {
    scales,
    flip,
    window,
    minConfidence,
    signal,
    logits: isSoft,
  });
  const found = {
    picture,
    labels,
    classes,
    hidden: [...background, ...(minConfidence ? [unknownId(labels)] : [])],
    kept,
    ...(logits && { probability: classProbability(logits, kept, segmenter.config.postprocess.resize) }),
  };
  return {
    labels,
    classes,
    shares,
    timings,
    encode: (format, name) => fileFormats[format].encode({ ...found, name }, fileOptions),
  };
}

/** Class ids out of names and ids, which may be written as text. @throws AtrousError `input` */
export function idsOf(wanted: readonly (string | number)[], classes: readonly NamedClass[]): number[] {
  return wanted.map((given) => {
    const found = classes.find(({ id, name }) => name === given || String(id) === String(given));
    if (found) return found.id;
    throw unknownName(
      'class',
      String(given),
      classes.map(({ name }) => name),
    );
  });
}
