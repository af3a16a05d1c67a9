import { baseName } from '@atrous/checkpoint';
import { classesOf, networkName, outputStrideOf } from './architecture.ts';
import type { InputSize, ModelConfig } from './config.ts';
import { isImagenetCount, labelsFor } from './labels/sets.ts';
import type { LoadedModel } from './load.ts';
import { sourceNamed } from './sources/index.ts';

/** What a model folder's config says, but for its files. */
export type ModelDescription = Omit<ModelConfig, 'weights'>;

/** The longest side of pictures for networks that say nothing about it: what DeepLabs were trained on, nearly. */
const usualSide = 512;

/** The share of the shorter side that ImageNet's evaluations look at: timm's and torchvision's default. */
const imagenetCrop = 0.875;

/**
 * What is known of a model as a config says it: its own where it has one, else what its source's convention and the
 * number of its classes tell. Networks of ImageNet, and encoders alone, see the middle of a picture.
 * @param name where it was loaded from, whose last part names it
 */
export async function describeModel(model: LoadedModel, name: string): Promise<ModelDescription> {
  if (model.config) return model.config;
  const { architecture, family, pixels, source } = model;
  const isClassifier = architecture.head === 'classifier';
  const classes = classesOf(architecture);
  const seesMiddle = isClassifier && (classes === 0 || isImagenetCount(classes));
  const { inputSize } = family.variants[architecture.encoder.variant];
  const size: InputSize = isClassifier
    ? { mode: 'fixed', height: inputSize, width: inputSize }
    : { mode: 'longest-side', pixels: usualSide, multipleOf: outputStrideOf(architecture) };
  return {
    formatVersion: 2,
    name: baseName(name).replace(/\.[a-z0-9]+$/i, '') || networkName(architecture),
    task: isClassifier ? 'image-classification' : 'semantic-segmentation',
    architecture,
    preprocess: {
      size,
      fit: seesMiddle ? { crop: imagenetCrop } : 'stretch',
      filter: 'bilinear-antialiased',
      ...pixels,
    },
    postprocess: { resize: architecture.resize ?? 'align-corners' },
    labels: (await labelsFor(classes)).labels,
    data: `weights of ${source}`,
  };
}

/** What of a file the network does not have: what inference never needs (counters, heads of the training), and the rest. */
export function leftOver({ ignored, source, wrapper }: LoadedModel): {
  readonly unneeded: readonly string[];
  readonly left: readonly string[];
} {
  const { ignore } = sourceNamed(source);
  const bare = (name: string) => (name.startsWith(wrapper) ? name.slice(wrapper.length) : name);
  const isUnneeded = (name: string) => ignore?.test(bare(name)) ?? false;
  return { unneeded: ignored.filter(isUnneeded), left: ignored.filter((name) => !isUnneeded(name)) };
}
