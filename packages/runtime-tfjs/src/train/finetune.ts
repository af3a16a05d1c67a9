import {
  castToFloat,
  type Graph,
  type Model,
  readWeight,
  type WeightSource,
  weightShapes,
  weightsFrom,
} from '@atrous/graph';
import type { Session } from '@atrous/tensor';
import { nextTurn } from '@atrous/tensor/turns';
import { augment, resizeLabels, type Sample } from './augment.ts';
import { encodeAll } from './batch.ts';
import { replaceClassifier } from './classifier.ts';
import { firstRate } from './optimizer.ts';
import {
  checkOptions,
  type Example,
  type Finetuned,
  type FinetuneOptions,
  type TrainingStep,
} from './options.ts';
import { type Random, random } from './random.ts';
import { splitNetwork } from './split.ts';
import { openTrainer, type Trainer } from './trainer.ts';

/**
 * Teaches a segmentation network new classes: a new classifier, and decoder and head with it, learn on the user's
 * own pictures (Adam or SGD with the "poly" schedule of DeepLab, masked cross-entropy).
 * @throws AtrousError `input` for pictures and labels that do not fit, naming the file; `runtime` when the loss is no
 * number any more; and the signal's reason
 */
export async function finetune(model: Model, options: FinetuneOptions): Promise<Finetuned> {
  const { runtime, encoderRuntime = runtime, classes, seed = 0, signal } = options;
  checkOptions(options);
  signal?.throwIfAborted();
  // what learns is float32: kernels in 8 bits would leave their scales behind
  const given = castToFloat(model);
  const start = options.keepClassifier ? given : replaceClassifier(given, classes, seed);
  const split = splitNetwork(start, options.unfreezeFrom, options.blockOf);
  const weights = await readAll(split.learning, start.weights);
  const { tf, backend } = await runtime.tf();
  const encoder =
    split.frozen && (await encoderRuntime.load({ graph: split.frozen, weights: start.weights }, { signal }));
  try {
    const trainer = await openTrainer(tf, backend, split.learning, weights, options);
    try {
      const steps = await train(trainer, split.learning, encoder, options);
      const learned = weightsFrom(await trainer.read());
      const weightsNow = overlay(start.weights, learned);
      return { model: { graph: start.graph, weights: weightsNow }, steps, scores: steps.at(-1)?.scores };
    } finally {
      await trainer.dispose();
    }
  } finally {
    await encoder?.dispose();
  }
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
