import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { evaluate, type Model, readWeight, weightShapes, weightsFrom } from '@atrous/graph';
import { onnxNative } from '@atrous/runtime-onnx/native';
import { onnxWasm } from '@atrous/runtime-onnx/wasm';
import { type FinetuneOptions, finetune } from '@atrous/runtime-tfjs/train';
import { tfjsWasm } from '@atrous/runtime-tfjs/wasm';
import { wasm } from '@atrous/runtime-wasm';
import { tensor } from '@atrous/tensor';
import { xceptionFamily } from '@atrous/xception';
import { describe, expect, test } from 'vitest';
import { network } from './architecture.ts';

const order = 'pointwise-first';
const narrow = { widthMultiplier: 1 / 32, channelDivisor: 2 };
const names = ['xception', 'xception41', 'xception41p', 'deeplabv3plus-xception41'] as const;

/** An Xception of modified separable convolutions, narrow as can be. */
function modified(name: (typeof names)[number]): Model {
  const head = name.startsWith('deeplab')
    ? { aspp: { channels: 4 }, decoder: { channels: 4, lowLevelChannels: 2 } }
    : {};
  return filledModel(network(xceptionFamily, name, { ...head, classes: 3, encoder: { ...narrow, order } }));
}

test.each(names)('%s has its depthwise convolutions after the pointwise ones', (name) => {
  const shapes = weightShapes(modified(name).graph);
  let layers = 0;
  for (const [weight, [, , channels]] of shapes) {
    const pointwise = shapes.get(weight.replace(/depthwise\/kernel$/, 'pointwise/kernel'));
    if (!/^encoder\/.*depthwise\/kernel$/.test(weight) || !pointwise) continue;
    expect(channels, weight).toBe(pointwise.at(-1));
    layers++;
  }
  expect(layers).toBeGreaterThan(30);
});

describe.each([
  ['onnx:native', onnxNative()],
  ['onnx:wasm', onnxWasm()],
  ['wasm, relaxed SIMD', wasm({ build: 'relaxed' })],
  ['wasm, SIMD128', wasm({ build: 'simd' })],
  ['tfjs:wasm', tfjsWasm()],
])('modified separable convolutions on %s equal the reference', (_name, runtime) => {
  test.each(names)('%s', async (name) => {
    const model = modified(name);
    const session = await runtime.load(model);
    for (const size of [
      [1, 71, 48],
      [2, 64, 75],
    ]) {
      const feeds = { image: goldenImage([...size, 3]) };
      const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds)];
      expect(relativeError(actual.logits, expected.logits), `at ${size}`).toBeLessThan(1e-5);
    }
    await session.dispose();
  });
});

describe('a step of learning goes down the slope of the loss', () => {
  const model = modified('deeplabv3plus-xception41');
  const [height, width] = [33, 49];
  const options: FinetuneOptions = {
    runtime: tfjsWasm(),
    classes: 3,
    keepClassifier: true,
    examples: [
      {
        name: 'a picture',
        image: goldenImage([1, height, width, 3]),
        labels: {
          height,
          width,
          data: Uint8Array.from({ length: height * width }, (_, i) => Math.floor((3 * (i % width)) / width)),
        },
      },
    ],
    epochs: 1,
    optimizer: 'sgd',
    momentum: 0,
    // As large as the gradient itself: little is lost when it is added to the weights.
    learningRate: 1,
  };

  /** All weights, as float32. */
  async function allOf({ graph, weights }: Model): Promise<Map<string, Float32Array>> {
    const all = new Map<string, Float32Array>();
    for (const [name, shape] of weightShapes(graph)) all.set(name, await readWeight(weights, name, shape));
    return all;
  }

  test.each([
    ['entry_flow/conv1', 150, 0.1],
    ['exit_flow/block1', 30, 0.05],
  ])('from %s on', async (unfreezeFrom, atLeast, tolerance) => {
    const start = await allOf(model);
    const { model: learned } = await finetune(model, { ...options, unfreezeFrom });
    const end = await allOf(learned);
    const learning = [...start].filter(([name, before]) =>
      end.get(name)!.some((now, i) => now !== before[i]),
    );
    expect(learning.length).toBeGreaterThan(atLeast);

    /** The loss with each of some weights moved along its step. */
    const lossAt = async (moved: readonly string[], distance: number): Promise<number> => {
      const tensors = [...start].map(([name, before]) => {
        const after = end.get(name)!;
        const far = moved.includes(name) ? distance : 0;
        const data = before.map((value, i) => value + far * (after[i] - value));
        return [name, tensor('float32', weightShapes(model.graph).get(name)!, data)] as const;
      });
      const there = { graph: model.graph, weights: weightsFrom(Object.fromEntries(tensors)) };
      return (await finetune(there, { ...options, unfreezeFrom })).steps[0].loss;
    };

    // A step of plain descent is the gradient: along it the loss falls by its square.
    for (const kind of [/\/pointwise\/kernel$/, /\/depthwise\/kernel$/, /\/(gamma|beta)$/]) {
      const moved = learning.map(([name]) => name).filter((name) => kind.test(name));
      const square = moved.reduce((sum, name) => {
        const [before, after] = [start.get(name)!, end.get(name)!];
        return before.reduce((total, value, i) => total + (after[i] - value) ** 2, sum);
      }, 0);
      // Short, for every ReLU on the way is a kink; not so short that the loss' last digits count.
      const aim = 3e-5;
      const rise = (await lossAt(moved, aim / square)) - (await lossAt(moved, -aim / square));
      expect(Math.abs(rise / (2 * aim) + 1), `${kind}`).toBeLessThan(tolerance);
    }
  });
});
