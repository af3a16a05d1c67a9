import { AtrousError } from '@atrous/tensor';
import type { TfliteOptions } from '@atrous/tflite';
import {
  describeModel,
  type InputSize,
  type LoadedModel,
  type ModelDescription,
  networkName,
} from '@atrous/zoo';
import { Option } from 'commander';
import { version } from './version.ts';

/** What a TensorFlow Lite file can be told besides its outputs. */
export interface TfliteFlags {
  readonly size?: { readonly height: number; readonly width: number };
  readonly half?: boolean;
  readonly int8?: boolean;
  readonly dynamicRange?: boolean;
}

export const dynamicRangeOption = (): Option =>
  new Option(
    '--dynamic-range',
    'of a TensorFlow Lite file with --int8: what operators read is rounded to 8 bits, too, at every run: faster where 8-bit products are, less exact',
  );

/** @throws AtrousError `input` where the flag does not go with what is written */
export function refuseDynamicRange({ dynamicRange, int8 }: TfliteFlags, isTflite: boolean): void {
  if (!dynamicRange || (isTflite && int8)) return;
  throw new AtrousError(
    'input',
    '--dynamic-range: only for a TensorFlow Lite file with kernels in 8 bits (-o FILE.tflite --int8)',
  );
}

/** The one size of the file: what was asked for, or the model's, where it has one. */
function sizeOf(
  name: string,
  size: InputSize,
  asked: TfliteFlags['size'],
): { height: number; width: number } {
  if (asked) return asked;
  if (size.mode === 'fixed') return size;
  const [taken, example] =
    size.mode === 'longest-side'
      ? [`of any size, their longest side made ${size.pixels}`, landscape(size.pixels, size.multipleOf)]
      : size.mode === 'shortest-side'
        ? [`of any size, their shortest side made ${size.pixels}`, `${size.pixels}x${size.pixels}`]
        : ['of any size', '480x640'];
  throw new AtrousError(
    'input',
    `a TensorFlow Lite file has one input size, and ${name} takes pictures ${taken}: say which with --size HEIGHTxWIDTH, e.g. --size ${example}`,
  );
}

/** Height and width of a picture of 4:3 whose longest side is given, in whole multiples. */
function landscape(pixels: number, multipleOf: number): string {
  const height = Math.max(1, Math.round((pixels * 3) / 4 / multipleOf)) * multipleOf;
  return `${height}x${pixels}`;
}

/** What the file is fed with, in a sentence. */
function sentence({ name, task, preprocess: { range, mean, std, channels } }: ModelDescription): string {
  const [low, high] = range;
  const ranged = low === 0 && high === 255 ? 'pixel' : `pixel / 255 * (${high} - ${low}) + ${low}`;
  return `${name}: ${task}, written by Atrous ${version}. image is ${channels}, (${ranged} - mean) / std with mean ${mean.join(', ')} and std ${std.join(', ')}`;
}

/** How a model is written as a TensorFlow Lite file: its config, for this size, is the metadata "atrous". */
export async function tfliteEncoding(
  model: LoadedModel,
  { size, half, int8, dynamicRange }: TfliteFlags,
): Promise<Omit<TfliteOptions, 'outputs'>> {
  const { architecture, config, family, precision, source } = model;
  const described = await describeModel(model, networkName(architecture));
  const { height, width } = sizeOf(described.name, described.preprocess.size, size);
  const { channels = 3 } = family.variants[architecture.encoder.variant];
  const file = config?.weights.files.find(({ dtype }) => dtype === precision);
  const about = {
    ...described,
    preprocess: { ...described.preprocess, size: { mode: 'fixed', height, width } },
    weights: { source, ...(file && { file: file.file, sha256: file.sha256 }) },
    atrous: version,
  };
  return {
    shapes: { image: [1, height, width, channels] },
    precision: int8 ? 'int8' : half ? 'float16' : 'float32',
    dynamicRange,
    description: sentence(described),
    metadata: { atrous: JSON.stringify(about) },
  };
}

/** For the help: how a TensorFlow Lite file is fed. */
export const tfliteHelp = `
A TensorFlow Lite file has one input size and takes the same numbers: "image", float32 [1,H,W,3]. Its metadata "atrous" is the
model's config as JSON. In Python, after "atrous export street -o street.tflite --half":
  network = tf.lite.Interpreter("street.tflite").get_signature_runner()
  logits = network(image=image[None])["logits"][0]`;
