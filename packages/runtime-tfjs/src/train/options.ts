import type { Model, Runtime } from '@atrous/graph';
import type { LabelMap, Scores } from '@atrous/mask';
import { AtrousError, type ResizeConvention, type Tensor } from '@atrous/tensor';
import type { TfjsRuntime } from '../runtime.ts';
import type { Augmentation } from './augment.ts';
import type { BatchNormMode } from './network.ts';

/** A picture to learn from. */
export interface Example {
  /** For messages: a file's name. */
  readonly name: string;
  /** The picture as the network takes it: [1,h,w,3], resized and normalised. */
  readonly image: Tensor<'float32'>;
  /** A class id per pixel, at any size of the same proportions. */
  readonly labels: LabelMap;
}

/** What is known after each step. */
export interface TrainingStep {
  /** From 1. */
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly learningRate: number;
  readonly milliseconds: number;
  /** On the held-out pictures, where they were looked at in this step. */
  readonly scores?: Scores;
}

export interface FinetuneOptions {
  /** Where it learns. */
  readonly runtime: TfjsRuntime;
  /** Runs what stays frozen: the fastest there is. @default the same */
  readonly encoderRuntime?: Runtime;
  /** How many classes the new classifier has. */
  readonly classes: number;
  /** Their names by id, for messages. @default the ids */
  readonly classNames?: readonly string[];
  readonly examples: readonly Example[];
  /** Pictures that are never learned from, by which progress is measured. @default none */
  readonly heldOut?: readonly Example[];
  /** The id in label maps that does not count. @default 255 */
  readonly ignoreId?: number;
  /** How much each class counts in the loss. @default 1 each */
  readonly classWeights?: readonly number[];
  /** The first block of the encoder that learns too, e.g. `exit_flow/block1`. @default the encoder stays frozen */
  readonly unfreezeFrom?: string;
  /** Which block a layer of the encoder is of: its family's `blockOf`. @default the first two parts of its name */
  readonly blockOf?: (layer: string) => string | undefined;
  /** Keep the classifier that is there instead of a new one: same classes, more pictures. @default false */
  readonly keepClassifier?: boolean;
  /** How often each picture is seen. @default 40 */
  readonly epochs?: number;
  /** @default 4 */
  readonly batchSize?: number;
  /** @default 'adam' */
  readonly optimizer?: 'adam' | 'sgd';
  /** At the first step; it falls to zero as (1 − step/steps)^power. @default 1e-3, or 1e-2 for sgd */
  readonly learningRate?: number;
  /** @default 0.9 */
  readonly power?: number;
  /** Of sgd. @default 0.9 */
  readonly momentum?: number;
  /** Batch norms with their own statistics, or with those of each batch. @default 'frozen' */
  readonly batchNorm?: BatchNormMode;
  /** @default none: then what is frozen runs once per picture */
  readonly augmentation?: Augmentation;
  /** How logits become as large as labels. @default 'half-pixel' */
  readonly resize?: ResizeConvention;
  /** Of the new classifier, the order of pictures and their variations. @default 0 */
  readonly seed?: number;
  /** Look at the held-out pictures every so many steps, and at the end. @default at the end */
  readonly evaluateEvery?: number;
  readonly onStep?: (step: TrainingStep) => void;
  /** Takes effect at the end of a step. */
  readonly signal?: AbortSignal;
}

/** What was learned. */
export interface Finetuned {
  /** The whole network with its new weights: any runtime loads it, `saveModel` writes it. */
  readonly model: Model;
  readonly steps: readonly TrainingStep[];
  /** On the held-out pictures at the end. */
  readonly scores?: Scores;
}

/** @throws AtrousError `input` that names the file, or the class without labels */
export function checkOptions(options: FinetuneOptions): void {
  const { classes, examples, heldOut = [], ignoreId = 255, classWeights, classNames } = options;
  const fail = (message: string): never => {
    throw new AtrousError('input', message);
  };
  if (!Number.isInteger(classes) || classes < 2)
    fail(`training: expected at least 2 classes, got ${classes}`);
  if (examples.length === 0) fail('training: no pictures were given: expected at least one with its labels');
  if (classWeights && classWeights.length !== classes)
    fail(`training: ${classWeights.length} class weights for ${classes} classes`);
  if (classNames && classNames.length !== classes)
    fail(`training: ${classNames.length} class names for ${classes} classes`);
  for (const { name, image, labels } of [...examples, ...heldOut]) {
    const [, height, width] = image.shape;
    if (labels.data.length !== labels.height * labels.width)
      fail(`${name}: ${labels.data.length} labels for ${labels.height}×${labels.width} pixels`);
    // Pictures are stretched to a multiple of some pixels: proportions may differ by that much.
    const stretch = (labels.width * height) / (labels.height * width);
    if (stretch < 0.8 || stretch > 1.25)
      fail(
        `${name}: its labels are ${labels.height}×${labels.width}, the picture's proportions ${height}×${width}: they belong to another picture`,
      );
    const wrong = labels.data.findIndex((id) => id >= classes && id !== ignoreId);
    if (wrong >= 0) {
      const [y, x] = [Math.floor(wrong / labels.width), wrong % labels.width];
      fail(
        `${name}: label ${labels.data[wrong]} at row ${y}, column ${x} is none of the ${classes} classes (0 to ${classes - 1}, or ${ignoreId} to be ignored)`,
      );
    }
  }
  if (examples.every(({ labels }) => labels.data.every((id) => id === ignoreId)))
    fail('training: every pixel of every label map is ignored');
  if (!options.keepClassifier) checkEveryClassOccurs(options);
}

/**
 * A new classifier starts at random: of a class that no pixel shows it learns that there is none, and says so on every
 * picture. (One that is kept knows its classes already.)
 */
function checkEveryClassOccurs({ classes, examples, ignoreId = 255, classNames }: FinetuneOptions): void {
  const occurs = new Uint8Array(65536);
  for (const { labels } of examples) for (const id of labels.data) occurs[id] = 1;
  const missing = Array.from({ length: classes }, (_, id) => id).filter(
    (id) => id === ignoreId || !occurs[id],
  );
  if (missing.length === 0) return;
  const names = missing.map((id) => (classNames ? `"${classNames[id]}"` : `${id}`)).join(', ');
  throw new AtrousError(
    'input',
    `training: no picture has a labelled pixel of class ${names}: label some in the ${examples.length} pictures that are learned from, or leave the class out`,
  );
}
