import { castToFloat, castToInt8, evaluate, weightShapes } from '@atrous/graph';
import { labelMap } from '@atrous/mask';
import { tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { tfjsWasm } from '../wasm_node.ts';
import { finetune } from './finetune.ts';
import type { Example, FinetuneOptions, TrainingStep } from './options.ts';
import { example, tiny } from './test_example.ts';

const runtime = tfjsWasm();
const options: FinetuneOptions = {
  runtime,
  classes: 2,
  examples: [8, 12, 20, 26].map((line) => example(`${line}.png`, line)),
  heldOut: [example('held-out.png', 16)],
  epochs: 25,
  batchSize: 2,
  learningRate: 1e-2,
};

describe('learning', () => {
  test.each<[string, Partial<FinetuneOptions>]>([
    ['with a frozen encoder', {}],
    ['with live batch norms', { batchNorm: 'live' }],
    ['with SGD and class weights', { optimizer: 'sgd', learningRate: 0.2, classWeights: [1, 1.2] }],
    ['from a block of the encoder on', { unfreezeFrom: 'exit_flow/block1' }],
    ['with the whole encoder', { unfreezeFrom: 'entry_flow/conv1' }],
    [
      'from varied pictures',
      { augmentation: { flip: false, scale: [0.8, 1.2], crop: [24, 32], color: 0.1 } },
    ],
  ])('%s tells left from right, and leaves no tensor behind in fifty steps', async (_name, change) => {
    const { tf } = await runtime.tf();
    const before = tf.memory().numTensors;
    const during: number[] = [];
    const {
      model: learned,
      steps,
      scores,
    } = await finetune(tiny, {
      ...options,
      ...change,
      onStep: () => during.push(tf.memory().numTensors),
    });
    expect(steps).toHaveLength(50);
    expect(steps[49].loss).toBeLessThan(steps[0].loss / 2);
    expect(scores?.miou).toBeGreaterThan(0.8);
    expect(steps.at(-1)?.scores).toEqual(scores);
    expect(new Set(during.slice(1)).size, 'tensors during steps').toBe(1);
    expect(tf.memory().numTensors).toBe(before);

    const [{ image, labels }] = options.heldOut!;
    const { logits } = await evaluate(learned, { image });
    const { data } = (
      labelMap(logits, { height: 24, width: 32, resize: 'half-pixel' }) as { labels: { data: Uint8Array } }
    ).labels;
    const right = data.filter((id, i) => id === labels.data[i]).length;
    expect(right / data.length).toBeGreaterThan(0.85);
  });

  test.each([false, true])(
    'of a model in 8 bits float32 weights come, and no scales (classifier kept: %s)',
    async (keepClassifier) => {
      const { model: learned } = await finetune(castToInt8(tiny), {
        ...options,
        epochs: 1,
        ...(keepClassifier && { keepClassifier, classes: 3 }),
      });
      const shapes = weightShapes(learned.graph);
      const { names, spec } = castToFloat(learned).weights;
      expect(new Set(names)).toEqual(new Set(shapes.keys()));
      for (const name of names) expect(spec(name).shape, name).toEqual(shapes.get(name));
    },
  );

  test('twice the same from one seed, something else from another', async () => {
    const losses = async (seed: number) =>
      (await finetune(tiny, { ...options, seed, epochs: 3 })).steps.map(({ loss }) => loss);
    const first = await losses(1);
    expect(await losses(1)).toEqual(first);
    expect(await losses(2)).not.toEqual(first);
  });

  test('changes what learns, and nothing else', async () => {
    const { model: learned } = await finetune(tiny, { ...options, epochs: 2 });
    const same = async (name: string) =>
      (await learned.weights.read(name)).data.join() === (await tiny.weights.read(name)).data.join();
    const names = tiny.weights.names.filter((name) => !name.startsWith('classifier'));
    const kept = await Promise.all(names.map(async (name) => [name, await same(name)] as const));
    for (const [name, isSame] of kept) {
      expect(isSame, name).toBe(name.startsWith('encoder/') || /\/(mean|variance)$/.test(name));
    }
  });

  test('the schedule falls as (1 − step/steps)^power', async () => {
    const { steps } = await finetune(tiny, { ...options, epochs: 2, power: 0.9 });
    const expected = steps.map((_, i) => 1e-2 * (1 - i / steps.length) ** 0.9);
    expect(steps.map(({ learningRate }) => learningRate)).toEqual(expected);
  });
});

test('a classifier that is kept may see some of its classes only; what is ignored is not scored', async () => {
  const zeroIgnored = ({ labels, ...rest }: Example): Example => ({
    ...rest,
    labels: { ...labels, data: labels.data.map((id) => (id === 255 ? 0 : id)) },
  });
  const { scores } = await finetune(tiny, {
    ...options,
    ...{ classes: 3, keepClassifier: true, ignoreId: 0, epochs: 1 },
    examples: options.examples.map(zeroIgnored),
    heldOut: options.heldOut!.map(zeroIgnored),
  });
  const { data } = zeroIgnored(options.heldOut![0]).labels;
  expect(scores?.ignored).toBe(data.filter((id) => id === 0).length / data.length);
  expect(scores).toMatchObject({ ignoredIds: [0], absent: [0, 2] });
});

describe('what goes wrong', () => {
  test('an abort takes effect at the end of a step and leaves no tensor behind', async () => {
    const { tf } = await runtime.tf();
    const before = tf.memory().numTensors;
    const stop = new AbortController();
    const seen: TrainingStep[] = [];
    const running = finetune(tiny, {
      ...options,
      signal: stop.signal,
      onStep: (step) => {
        seen.push(step);
        if (step.step === 3) stop.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
    expect(seen).toHaveLength(3);
    expect(tf.memory().numTensors).toBe(before);
  });

  const [good] = options.examples;
  const withLabel = (id: number): Example => {
    const data = Uint8Array.from(good.labels.data);
    data[40] = id;
    return { ...good, name: 'odd.png', labels: { ...good.labels, data } };
  };
  const onlyLeft: Example = {
    ...good,
    labels: { ...good.labels, data: good.labels.data.map((id) => (id === 0 ? 0 : 255)) },
  };
  const nan = tensor(
    'float32',
    good.image.shape,
    good.image.data.map(() => Number.NaN),
  );
  test.each<[string, Partial<FinetuneOptions>, string]>([
    ['an empty set', { examples: [] }, 'no pictures were given'],
    [
      'an id outside the classes',
      { examples: [withLabel(2)] },
      'odd.png: label 2 at row 1, column 8 is none of the 2 classes',
    ],
    [
      'labels of another picture',
      { examples: [{ ...good, labels: { height: 32, width: 24, data: good.labels.data } }] },
      '8.png: its labels are 32×24',
    ],
    [
      'labels that count nowhere',
      { examples: [{ ...good, labels: { ...good.labels, data: good.labels.data.map(() => 255) } }] },
      'every pixel of every label map is ignored',
    ],
    [
      'a class without a labelled pixel',
      { classes: 3 },
      'no picture has a labelled pixel of class 2: label some in the 4 pictures',
    ],
    [
      'classes without a labelled pixel, by name',
      { classes: 4, classNames: ['left', 'right', 'up', 'down'] },
      'no picture has a labelled pixel of class "up", "down"',
    ],
    [
      'a class that held-out pictures alone have',
      { examples: [onlyLeft], heldOut: [good] },
      'pixel of class 1:',
    ],
    ['too many class names', { classNames: ['left', 'right', 'up'] }, '3 class names for 2 classes'],
    ['a picture of NaN', { examples: [{ ...good, image: nan }] }, '8.png: the value of "encoder/entry_flow'],
    [
      'steps that are too large',
      { examples: [good], epochs: 5, optimizer: 'sgd', learningRate: 1e30 },
      'the loss became NaN at 8.png: lower the learning rate',
    ],
    ['one class', { classes: 1 }, 'expected at least 2 classes, got 1'],
    ['too few class weights', { classWeights: [1] }, '1 class weights for 2 classes'],
    [
      'an unknown block',
      { unfreezeFrom: 'middle_flow/block9' },
      'unknown block "middle_flow/block9": expected one of entry_flow/conv1',
    ],
  ])('%s', async (_name, change, message) => {
    const { tf } = await runtime.tf();
    const before = tf.memory().numTensors;
    await expect(finetune(tiny, { ...options, ...change })).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});
