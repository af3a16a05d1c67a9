import {
  type Graph,
  type Model,
  type Runtime,
  readWeight,
  type WeightSource,
  weightShapes,
  weightsFrom,
} from '@atrous/graph';
import { confusionMatrix, countInto, type LabelMap, labelMap, type Scores, scoresOf } from '@atrous/mask';
import { AtrousError, type ResizeConvention, type Session, type Tensor, tensor } from '@atrous/tensor';
import type { NamedTensorMap, Scalar, Tensor as TfTensor, Variable } from '@tensorflow/tfjs-core';
import type { TfjsRuntime } from '../runtime.ts';
import { inTurn, nextTurn, onBackend, type Tf } from '../tf.ts';
import { theirShapes } from '../weights.ts';
import { type Augmentation, augment, resizeLabels, type Sample } from './augment.ts';
import { replaceClassifier } from './classifier.ts';
import { add, resize } from './gradients.ts';
import { maskedCrossEntropy } from './loss.ts';
import { type BatchNormMode, forward, gatherStatistics, type Statistics } from './network.ts';
import { type Random, random } from './random.ts';
import { splitNetwork } from './split.ts';

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
  readonly examples: readonly Example[];
  /** Pictures that are never learned from, by which progress is measured. @default none */
  readonly heldOut?: readonly Example[];
  /** The id in label maps that does not count. @default 255 */
  readonly ignoreId?: number;
  /** How much each class counts in the loss. @default 1 each */
  readonly classWeights?: readonly number[];
  /** The first block of the encoder that learns too, e.g. `exit_flow/block1`. @default the encoder stays frozen */
  readonly unfreezeFrom?: string;
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

interface Batch {
  readonly names: readonly string[];
  /** By the names of the values that cross the cut. */
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly labels: LabelMap;
}

/**
 * Teaches a segmentation network new classes: a new classifier, and decoder and head with it, learn on the user's
 * own pictures (Adam or SGD with the "poly" schedule of DeepLab, masked cross-entropy).
 * @throws AtrousError `input` for pictures and labels that do not fit, naming the file; `runtime` when the loss is no
 * number any more; and the signal's reason
 */
export async function finetune(model: Model, options: FinetuneOptions): Promise<Finetuned> {
  const { runtime, encoderRuntime = runtime, classes, heldOut = [], seed = 0, signal } = options;
  checkOptions(options);
  signal?.throwIfAborted();
  const start = options.keepClassifier ? model : replaceClassifier(model, classes, seed);
  const split = splitNetwork(start, options.unfreezeFrom);
  const weights = await readAll(split.learning, start.weights);
  const { tf, backend } = await runtime.tf();
  const encoder =
    split.frozen && (await encoderRuntime.load({ graph: split.frozen, weights: start.weights }, { signal }));
  try {
    const trainer = await openTrainer(tf, backend, split.learning, weights, options);
    try {
      const steps = await train(trainer, split.learning, encoder, options);
      const scores = heldOut.length
        ? (steps.at(-1)?.scores ??
          (await trainer.evaluate(await encodeAll(encoder, split.learning, heldOut, signal))))
        : undefined;
      const learned = weightsFrom(await trainer.read());
      return { model: { graph: start.graph, weights: overlay(start.weights, learned) }, steps, scores };
    } finally {
      await trainer.dispose();
    }
  } finally {
    await encoder?.dispose();
  }
}

function checkOptions({
  classes,
  examples,
  heldOut = [],
  ignoreId = 255,
  classWeights,
}: FinetuneOptions): void {
  const fail = (message: string): never => {
    throw new AtrousError('input', message);
  };
  if (!Number.isInteger(classes) || classes < 2)
    fail(`training: expected at least 2 classes, got ${classes}`);
  if (examples.length === 0) fail('training: no pictures were given: expected at least one with its labels');
  if (classWeights && classWeights.length !== classes)
    fail(`training: ${classWeights.length} class weights for ${classes} classes`);
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
        `${name}: label ${labels.data[wrong]} at row ${y}, column ${x} is none of the ${classes} classes (0 to ${classes - 1}, or ${ignoreId} for what does not count)`,
      );
    }
  }
  if (examples.every(({ labels }) => labels.data.every((id) => id === ignoreId)))
    fail('training: no pixel of any label map counts');
}

/** All weights of a graph, in memory. */
async function readAll(graph: Graph, weights: WeightSource): Promise<Map<string, Float32Array>> {
  const all = new Map<string, Float32Array>();
  for (const [name, shape] of weightShapes(graph)) all.set(name, await readWeight(weights, name, shape));
  return all;
}

/** What was learned over what was there. */
const overlay = (below: WeightSource, above: WeightSource): WeightSource => {
  const own = new Set(above.names);
  return {
    names: below.names,
    spec: (name) => (own.has(name) ? above : below).spec(name),
    read: (name) => (own.has(name) ? above : below).read(name),
  };
};

/** The values that cross the cut, for one picture. */
async function encode(
  encoder: Session | undefined,
  learning: Graph,
  { name, image, labels }: Example,
  signal?: AbortSignal,
): Promise<Batch> {
  const values = (await encoder?.run({ image }, { signal })) ?? {};
  const feeds = Object.fromEntries(
    Object.keys(learning.inputs).map((input) => [input, input === 'image' ? image : values[input]]),
  );
  return { names: [name], feeds, labels };
}

async function encodeAll(
  encoder: Session | undefined,
  learning: Graph,
  examples: readonly Example[],
  signal?: AbortSignal,
): Promise<Batch[]> {
  const all: Batch[] = [];
  for (const example of examples) {
    all.push(await encode(encoder, learning, example, signal));
    signal?.throwIfAborted();
  }
  return all;
}

/** Variables on a backend, and what is done with them. */
interface Trainer {
  /** One step on some pictures. @returns the loss */
  step(batches: readonly Batch[], learningRate: number): Promise<number>;
  evaluate(batches: readonly Batch[]): Promise<Scores>;
  /** The weights as they are now, by our names. */
  read(): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

async function openTrainer(
  tf: Tf,
  backend: string,
  graph: Graph,
  weights: ReadonlyMap<string, Float32Array>,
  options: FinetuneOptions,
): Promise<Trainer> {
  const { classes, ignoreId = 255, classWeights, batchNorm: mode = 'frozen' } = options;
  const convention = options.resize ?? 'half-pixel';
  const turn = <T>(task: () => Promise<T>) => inTurn(() => onBackend(tf, backend, task));
  const shapes = weightShapes(graph);
  const theirs = theirShapes(graph);
  const parameters = new Map<string, Variable>();
  let optimizer: ReturnType<typeof openOptimizer>;
  await turn(async () => {
    for (const [name, data] of weights) {
      const isStatistic = /\/(mean|variance)$/.test(name);
      const initial = tf.tensor(data, theirs.get(name)!);
      parameters.set(name, tf.variable(initial, !isStatistic));
      initial.dispose();
    }
    optimizer = openOptimizer(tf, options);
  });
  const trainable = [...parameters.values()].filter(({ trainable: learns }) => learns);
  const statistics: Statistics = new Map();
  const upload = (batch: Batch): Record<string, TfTensor> =>
    Object.fromEntries(
      Object.entries(batch.feeds).map(([name, { data, shape }]) => [
        name,
        tf.tensor(data as Float32Array, [...shape]),
      ]),
    );
  const logitsOf = (batch: Batch, isLearning: boolean) =>
    forward(tf, graph, upload(batch), parameters, {
      mode,
      ...(isLearning && { statistics }),
    }).logits;

  return {
    step: (batches, learningRate) =>
      turn(async () => {
        const groups = groupByShape(batches);
        const { value, grads } = tf.variableGrads(() => {
          const losses = groups.map((group) => {
            const { height, width, data } = group.labels;
            const batch = data.length / (height * width);
            const logits = resize(tf, logitsOf(group, true), [height, width], convention);
            return maskedCrossEntropy(tf, logits, {
              labels: data,
              shape: [batch, height, width],
              classes,
              ignoreId,
              classWeights,
              share: batch / batches.length,
            });
          });
          return losses.reduce((sum, loss) => add(tf, sum, loss)) as Scalar;
        }, trainable);
        try {
          const [loss] = await value.data();
          if (!Number.isFinite(loss)) {
            const names = batches.flatMap(({ names: own }) => own).join(', ');
            throw new AtrousError(
              'runtime',
              `training: the loss became ${loss} at ${names}: lower the learning rate, or look at what is in that picture`,
            );
          }
          optimizer.apply(grads, learningRate);
          if (mode === 'live') gatherStatistics(tf, parameters, statistics);
          return loss;
        } finally {
          value.dispose();
          for (const gradient of Object.values(grads)) gradient.dispose();
          for (const { mean, variance } of statistics.values()) tf.dispose([mean, variance]);
          statistics.clear();
        }
      }),
    async evaluate(batches) {
      const matrix = confusionMatrix(classes);
      for (const batch of batches) {
        const { height, width } = batch.labels;
        const logits = await turn(async () => {
          const value = tf.tidy(() => logitsOf(batch, false));
          try {
            return tensor('float32', value.shape, (await value.data()).slice() as Float32Array);
          } finally {
            value.dispose();
          }
        });
        countInto(matrix, labelMap(logits, { height, width, resize: convention }).labels, batch.labels);
        await nextTurn();
      }
      return scoresOf(matrix);
    },
    async read() {
      const all: Record<string, Tensor> = {};
      for (const [name, variable] of parameters) {
        const data = (await variable.data()).slice() as Float32Array;
        all[name] = tensor('float32', shapes.get(name)!, data);
      }
      return all;
    },
    dispose: () =>
      turn(async () => {
        for (const variable of parameters.values()) variable.dispose();
        optimizer.dispose();
      }),
  };
}

/** What they take and `variableGrads` gives have different names for one type. */
type Gradients = { [name: string]: Variable };

/** TensorFlow.js' optimizers, with the learning rate of each step. */
function openOptimizer(
  tf: Tf,
  options: FinetuneOptions,
): { apply(gradients: NamedTensorMap, learningRate: number): void; dispose(): void } {
  const first = firstRate(options);
  if (options.optimizer === 'sgd') {
    const sgd = tf.train.momentum(first, options.momentum ?? 0.9);
    return {
      apply(gradients, learningRate) {
        sgd.setLearningRate(learningRate);
        sgd.applyGradients(gradients as unknown as Gradients);
      },
      dispose() {
        sgd.dispose();
        tf.SGDOptimizer.prototype.dispose.call(sgd); // which its child forgets
      },
    };
  }
  const adam = tf.train.adam(first);
  return {
    apply(gradients, learningRate) {
      // Adam reads its rate at each step, and has no setter for it.
      Object.assign(adam, { learningRate });
      adam.applyGradients(gradients as unknown as Gradients);
    },
    dispose: () => adam.dispose(),
  };
}

const firstRate = ({ learningRate, optimizer }: FinetuneOptions): number =>
  learningRate ?? (optimizer === 'sgd' ? 1e-2 : 1e-3);

/** Pictures of one size as one batch. */
function groupByShape(batches: readonly Batch[]): Batch[] {
  const groups = new Map<string, Batch[]>();
  for (const batch of batches) {
    const { height, width } = batch.labels;
    const key = [height, width, ...Object.values(batch.feeds).map(({ shape }) => shape)].join();
    groups.set(key, [...(groups.get(key) ?? []), batch]);
  }
  return [...groups.values()].map((group) => {
    const [{ feeds, labels }] = group;
    const size = labels.height * labels.width;
    const data = new Uint16Array(group.length * size);
    group.forEach((batch, i) => {
      data.set(batch.labels.data, i * size);
    });
    return {
      names: group.flatMap(({ names }) => names),
      feeds: Object.fromEntries(
        Object.keys(feeds).map((name) => [name, stack(group.map((batch) => batch.feeds[name]))]),
      ),
      labels: { ...labels, data },
    };
  });
}

function stack(parts: readonly Tensor[]): Tensor {
  const [{ shape }] = parts;
  const size = parts[0].data.length;
  const all = tensor('float32', [parts.length * shape[0], ...shape.slice(1)]);
  parts.forEach((part, i) => {
    all.data.set(part.data as Float32Array, i * size);
  });
  return all;
}

async function train(
  trainer: Trainer,
  learning: Graph,
  encoder: Session | undefined,
  options: FinetuneOptions,
): Promise<TrainingStep[]> {
  const { examples, heldOut = [], epochs = 40, batchSize = 4, power = 0.9, seed = 0, signal } = options;
  const draw = random(seed);
  const isCached = !options.augmentation;
  const cached = isCached ? await encodeAll(encoder, learning, examples, signal) : undefined;
  const measured = heldOut.length ? await encodeAll(encoder, learning, heldOut, signal) : [];
  const stepsPerEpoch = Math.ceil(examples.length / batchSize);
  const steps = epochs * stepsPerEpoch;
  const history: TrainingStep[] = [];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = draw.shuffle(examples.map((_, i) => i));
    for (let first = 0; first < order.length; first += batchSize) {
      const began = performance.now();
      const chosen = order.slice(first, first + batchSize);
      const batches = cached
        ? chosen.map((i) => cached[i])
        : await encodeAll(
            encoder,
            learning,
            chosen.map((i) => vary(examples[i], options, draw)),
            signal,
          );
      const step = history.length + 1;
      const learningRate = firstRate(options) * (1 - (step - 1) / steps) ** power;
      const loss = await trainer.step(batches, learningRate);
      const isDue = step === steps || (options.evaluateEvery && step % options.evaluateEvery === 0);
      const scores = measured.length && isDue ? await trainer.evaluate(measured) : undefined;
      const milliseconds = performance.now() - began;
      history.push({ step, steps, loss, learningRate, milliseconds, ...(scores && { scores }) });
      options.onStep?.(history[step - 1]);
      await nextTurn();
      signal?.throwIfAborted();
    }
  }
  return history;
}

function vary(example: Example, { augmentation, ignoreId = 255 }: FinetuneOptions, draw: Random): Example {
  const [, height, width] = example.image.shape;
  const sample: Sample = { image: example.image, labels: resizeLabels(example.labels, height, width) };
  return { name: example.name, ...augment(sample, augmentation!, ignoreId, draw) };
}
