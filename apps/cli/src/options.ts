import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AtrousError } from '@atrous/tensor';
import { type LoadedModel, loadModel, type NetworkOptions, type Precision, shippedModels } from '@atrous/zoo';
import { InvalidArgumentError } from 'commander';
import { loadingReports } from './output.ts';

/** A whole number of at least `least`. */
export const wholeNumber =
  (least: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least)
      throw new InvalidArgumentError(`Expected a whole number of at least ${least}.`);
    return value;
  };

/** A number above zero. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('Expected a number above 0.');
  return value;
}

/** A number from `least` to `most`. */
export const numberWithin =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most))
      throw new InvalidArgumentError(`Expected a number from ${least} to ${most}.`);
    return value;
  };

/** Numbers from `least` to `most`, with commas between. */
export const numbersWithin =
  (least: number, most: number) =>
  (text: string): number[] =>
    text.split(',').map(numberWithin(least, most));

/** A whole number from `least` to `most`. */
export const wholeWithin =
  (least: number, most: number) =>
  (text: string): number => {
    if (!/^\d+$/.test(text) || Number(text) < least || Number(text) > most)
      throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
    return Number(text);
  };

/** A number from 0 to 1. */
export const fraction: (text: string) => number = numberWithin(0, 1);

/** `513x513` as height and width. */
export function size(text: string): { height: number; width: number } {
  const match = /^(\d+)[x×](\d+)$/.exec(text);
  if (!match || match[1] === '0' || match[2] === '0')
    throw new InvalidArgumentError('Expected HEIGHTxWIDTH, e.g. 513x513.');
  return { height: Number(match[1]), width: Number(match[2]) };
}

/** `a,b,c` */
export const list = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Some of the known names, with commas between, each once and in the order of the known. */
export const someOf =
  <Name extends string>(known: readonly Name[]) =>
  (text: string): Name[] => {
    const names = [...new Set(list(text))];
    const found = known.filter((name) => names.includes(name));
    if (names.length === 0 || found.length < names.length)
      throw new InvalidArgumentError(`Expected some of ${known.join(', ')}, with commas between.`);
    return found;
  };

/** The models that ship lie in packages that this command depends on; everything else is as the user wrote it. */
export function locateModel(model: string): string {
  if (!Object.hasOwn(shippedModels, model)) return model;
  return dirname(fileURLToPath(import.meta.resolve(`${shippedModels[model]}/config.json`)));
}

/** What says which network a bare checkpoint holds. */
export interface CheckpointFlags {
  readonly network?: string;
  readonly source?: string;
  readonly outputStride?: 8 | 16 | 32;
  readonly classes?: number;
  readonly precision?: Precision;
}

/** A model folder, a package, a URL, or a bare checkpoint, whose network is recognised unless it is said. */
export async function openModel(model: string, flags: CheckpointFlags): Promise<LoadedModel> {
  const { network, source, outputStride, classes, precision } = flags;
  const isFolder = existsSync(model) && statSync(model).isDirectory();
  const said = {
    '--network': network,
    '--source': source,
    '--output-stride': outputStride,
    '--classes': classes,
  };
  const given = Object.entries(said).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
  if (given.length > 0 && (isFolder || Object.hasOwn(shippedModels, model))) {
    throw new AtrousError(
      'input',
      `${model} is a model with a config.json, which says all of it: leave ${given.join(', ')} out`,
    );
  }
  const options: NetworkOptions = { outputStride, classes };
  return loadModel(locateModel(model), { network, source, options, precision, ...loadingReports });
}
