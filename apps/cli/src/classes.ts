import { cityscapes, colorOf, formatColor, type LabelMap } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';
import { InvalidArgumentError } from 'commander';

/** A class, and which ids of label files become it. */
export interface ClassSpec {
  readonly name: string;
  readonly ids: readonly number[];
  readonly color: string;
}

/** `sky=0,ground=3+4`, or names alone for the ids 0, 1, 2, … */
export function classSpecs(text: string): ClassSpec[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  const isMapped = parts.some((part) => part.includes('='));
  if (parts.length < 2) throw new InvalidArgumentError('Expected at least two classes.');
  const specs = parts.map((part, i) => {
    const [, name, ids] = /^([^=]+?)\s*(?:=\s*([\d+\s]+))?$/.exec(part) ?? [];
    if (name === undefined || (isMapped && ids === undefined))
      throw new InvalidArgumentError(`"${part}": expected NAME=ID or NAME=ID+ID for each class.`);
    return { name, ids: ids ? ids.split('+').map(Number) : [i], color: hex(i) };
  });
  const names = new Set(specs.map(({ name }) => name));
  const ids = specs.flatMap((spec) => spec.ids);
  if (names.size < specs.length || new Set(ids).size < ids.length)
    throw new InvalidArgumentError('Duplicate class name or id.');
  return specs;
}

/** Colours that are easy to tell apart. */
const hex = (id: number): string => formatColor(colorOf(cityscapes, id));

/** The id that is ignored, once ids are classes. */
export const ignored = 255;

/** Ids of a label file as classes. @throws AtrousError `input` that names the file and the id */
export function remap(
  labels: LabelMap,
  specs: readonly ClassSpec[],
  ignoreId: number,
  file: string,
): LabelMap {
  const table = new Map(specs.flatMap(({ ids }, i) => ids.map((id) => [id, i] as const)));
  table.set(ignoreId, ignored);
  const data = new Uint8Array(labels.data.length);
  for (let i = 0; i < data.length; i++) {
    const found = table.get(labels.data[i]);
    if (found === undefined) {
      const at = `row ${Math.floor(i / labels.width)}, column ${i % labels.width}`;
      const taken = specs.map(({ name, ids }) => `${name}=${ids.join('+')}`).join(',');
      throw new AtrousError(
        'input',
        `${file}: id ${labels.data[i]} at ${at} is not mapped to a class: expected those of ${taken}, or ${ignoreId} to be ignored; extend --classes or use --ignore`,
      );
    }
    data[i] = found;
  }
  return { ...labels, data };
}
