import { messageOf } from '@atrous/tensor';
import { brief, clip } from '../brief.ts';
import { type Fail, isCount } from '../fail.ts';
import { parseJson } from '../json.ts';
import { isNameBelow } from '../model_files.ts';
import type { Quantization } from './dtypes.ts';

/** A weight as a manifest tells of it. */
export interface ManifestWeight {
  readonly name: string;
  readonly shape: readonly number[];
  /** As the file calls it, e.g. `float32`. */
  readonly dtype: string;
  readonly quantization?: Quantization;
}

/** Weights that lie one after the other in files that are read one after the other. */
export interface ManifestGroup {
  readonly paths: readonly string[];
  readonly weights: readonly ManifestWeight[];
}

export interface Manifest {
  readonly groups: readonly ManifestGroup[];
  readonly metadata: Readonly<Record<string, string>>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads a `model.json`, or its `weightsManifest` alone, which some packages ship as a file. */
export function readManifest(text: string, fail: Fail): Manifest {
  const root = parse(text, fail);
  const list = isObject(root) ? root.weightsManifest : root;
  if (!Array.isArray(list))
    return fail(
      `weightsManifest is ${brief(list)}, expected a list of groups: save the model with its weights (model.save)`,
    );
  const texts = ['format', 'generatedBy', 'convertedBy'].flatMap((key) => {
    const value = isObject(root) ? root[key] : undefined;
    return typeof value === 'string' ? [[key, value]] : [];
  });
  return { groups: list.map((group) => readGroup(group, fail)), metadata: Object.fromEntries(texts) };
}

function parse(text: string, fail: Fail): unknown {
  try {
    return parseJson(text, { depth: 256 });
  } catch (cause) {
    return fail(`it is not sound JSON (${messageOf(cause)})`, cause);
  }
}

function readGroup(group: unknown, fail: Fail): ManifestGroup {
  const { paths, weights } = isObject(group) ? group : {};
  if (!Array.isArray(paths) || !Array.isArray(weights))
    return fail(`a group of weights is ${brief(group)}, expected paths and weights`);
  const names = paths.map((path) => {
    const name = typeof path === 'string' ? path.replace(/^(\.\/)+/, '') : ''; // browsers save as ./model.weights.bin
    return isNameBelow(name)
      ? name
      : fail(`weights lie in ${brief(path)}, expected the name of a file beside model.json`);
  });
  return { paths: names, weights: weights.map((weight) => readWeight(weight, fail)) };
}

function readWeight(weight: unknown, fail: Fail): ManifestWeight {
  const { name, shape, dtype, quantization } = isObject(weight) ? weight : {};
  if (typeof name !== 'string') return fail(`a weight is named ${brief(name)}, expected a text`);
  if (!Array.isArray(shape) || !shape.every(isCount))
    return fail(`${clip(name)}: shape ${brief(shape)} is no list of whole numbers`);
  if (typeof dtype !== 'string') return fail(`${clip(name)}: dtype ${brief(dtype)} is no text`);
  if (quantization === undefined || quantization === null) return { name, shape, dtype };
  return { name, shape, dtype, quantization: readQuantization(quantization, name, fail) };
}

function readQuantization(value: unknown, name: string, fail: Fail): Quantization {
  const { dtype, scale, min } = isObject(value) ? value : {};
  if (dtype === 'float16') return { dtype };
  const isSound = Number.isFinite(scale) && Number.isFinite(min);
  if ((dtype === 'uint8' || dtype === 'uint16') && isSound)
    return { dtype, scale: scale as number, min: min as number };
  return fail(
    `${clip(name)}: its quantization is ${brief(dtype)} with scale ${brief(scale)} and min ${brief(min)}, expected float16, or uint8 or uint16 with both as numbers`,
  );
}
