import type { LabelFile } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';
import { stemOf } from './pairs.ts';

/** A dataset whose files have other ids than those that models are trained on. */
export interface LabelFormat {
  readonly name: string;
  /** By id in the file: the id of its class, or 255 for what is not counted. */
  readonly ids: readonly number[];
  /** What files of it are named. */
  readonly named: RegExp;
}

const unlabelled = 255;

/** Which of Cityscapes' 34 ids its 19 training classes are, in their order (cityscapesScripts, `labels.py`). */
const cityscapesTrained = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33];

/** Files whose ids are not those of the classes, by name. What is not here has them: Pascal VOC, CamVid, COCO. */
export const labelFormats: Readonly<Record<'cityscapes' | 'ade20k', LabelFormat>> = {
  /** `_labelIds`: 34 ids, of which 19 are classes. `_labelTrainIds` and colours need no row. */
  cityscapes: {
    name: 'Cityscapes',
    ids: Array.from({ length: 34 }, (_, id) => {
      const trained = cityscapesTrained.indexOf(id);
      return trained < 0 ? unlabelled : trained;
    }),
    named: /_gt(Fine|Coarse)_labelIds$/,
  },
  /** Scene parsing: 0 is no class, 1 to 150 are classes 0 to 149. */
  ade20k: {
    name: 'ADE20K',
    ids: [unlabelled, ...Array.from({ length: 150 }, (_, id) => id)],
    named: /^ADE_(train|val)_\d+$/,
  },
};

/** `ids`: the file's are the classes'. */
export type LabelFormatName = keyof typeof labelFormats | 'ids';

/** The format that a file's name tells. */
export const formatByName = (file: string): LabelFormatName =>
  (Object.keys(labelFormats) as (keyof typeof labelFormats)[]).find((name) =>
    labelFormats[name].named.test(stemOf(file)),
  ) ?? 'ids';

/**
 * Labels with the ids of classes in place of a dataset's own. Colours have these already.
 * @throws AtrousError `format` that names the file, the id and where it is
 */
export function withClassIds(labels: LabelFile, format: LabelFormatName, file: string): LabelFile {
  if (format === 'ids' || labels.colors !== undefined) return labels;
  const { ids, name } = labelFormats[format];
  const data = Uint8Array.from(labels.data, (id, i) => {
    // 255 and −1 in 8 or 16 bits are how editors write what has no label
    const found = id === 255 || id === 65535 ? unlabelled : ids[id];
    if (found !== undefined) return found;
    const at = `row ${Math.floor(i / labels.width)}, column ${i % labels.width}`;
    throw new AtrousError(
      'format',
      `${file}: id ${id} at ${at} is none of ${name}, whose files have 0 to ${ids.length - 1}: where its ids are those of the classes, the format is ids`,
    );
  });
  return { ...labels, data };
}
