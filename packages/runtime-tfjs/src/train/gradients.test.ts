import { filledModel, goldenImage } from '@atrous/golden';
import {
  activation,
  adaptiveAveragePool,
  add,
  averagePool,
  batchNorm,
  buildGraph,
  concat,
  conv2d,
  depthwiseConv2d,
  globalAveragePool,
  imageInput,
  type Model,
  maxPool,
  multiply,
  resizeLike,
  type Scope,
  scaleBy,
  separableConv2d,
  type Value,
} from '@atrous/graph';
import { resizeConventions } from '@atrous/tensor';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { tfjsCpu } from '../cpu.ts';
import { inTurn, onBackend, type Tf } from '../tf.ts';
import { tfjsWasm } from '../wasm_node.ts';
import { theirShapes } from '../weights.ts';
import { resize } from './gradients.ts';
import { maskedCrossEntropy } from './loss.ts';
import { type BatchNormMode, forward } from './network.ts';

type Layer = (scope: Scope, x: Value) => Value;
const stem: Layer = (scope, x) => conv2d(scope.child('stem'), x, { channels: 4, bias: true });
const window = { kernel: 3, bias: true } as const;

/** What learns, each behind a convolution so that the gradient of its input counts, too. */
const layers: Readonly<Record<string, Layer>> = {
  pointwise: (scope, x) => conv2d(scope, x, { channels: 3, bias: true }),
  'pointwise, stride 2': (scope, x) => conv2d(scope, x, { channels: 3, stride: 2 }),
  'convolution 3×3': (scope, x) => conv2d(scope, x, { ...window, channels: 3 }),
  'convolution 3×3, rate 2, padding same': (scope, x) =>
    conv2d(scope, x, { ...window, channels: 3, rate: 2, padding: 'same' }),
  'convolution 3×3, stride 2': (scope, x) => conv2d(scope, x, { ...window, channels: 3, stride: 2 }),
  'convolution 2×3, rates of their own': (scope, x) =>
    conv2d(scope, x, { channels: 3, kernel: [2, 3], rate: [3, 1], padding: [1, 2, 1, 0] }),
  depthwise: (scope, x) => depthwiseConv2d(scope, x, window),
  'depthwise, rate 2': (scope, x) => depthwiseConv2d(scope, x, { ...window, rate: 2 }),
  'depthwise, rate 6, beyond the picture': (scope, x) => depthwiseConv2d(scope, x, { ...window, rate: 6 }),
  'depthwise, stride 2': (scope, x) => depthwiseConv2d(scope, x, { ...window, stride: 2 }),
  'depthwise, stride [3,2], rate 2': (scope, x) =>
    depthwiseConv2d(scope, x, { ...window, stride: [3, 2], rate: 2 }),
  'batch norm': (scope, x) => batchNorm(scope, x, 1e-3),
  relu: (scope, x) => activation(scope, x, 'relu'),
  relu6: (scope, x) => activation(scope, x, 'relu6'),
  elu: (scope, x) => activation(scope, x, 'elu'),
  hardsigmoid: (scope, x) => activation(scope, scaleBy(scope, x, 6), 'hardsigmoid'),
  hardswish: (scope, x) => activation(scope, scaleBy(scope, x, 6), 'hardswish'),
  'depthwise 5×5, stride 2': (scope, x) => depthwiseConv2d(scope, x, { ...window, kernel: 5, stride: 2 }),
  'convolution 1×7': (scope, x) => conv2d(scope, x, { ...window, kernel: [1, 7], channels: 3 }),
  'convolution 3×3, stride 2, no padding': (scope, x) =>
    conv2d(scope, x, { ...window, channels: 3, stride: 2, padding: [0, 0, 0, 0] }),
  ...Object.fromEntries(
    (['depthwise-first', 'pointwise-first'] as const).map((order): [string, Layer] => [
      `separable, ${order}`,
      (scope, x) =>
        separableConv2d(scope, x, {
          channels: 3,
          stride: 2,
          epsilon: 1e-3,
          norm: 'both',
          between: 'none',
          order,
        }),
    ]),
  ),
  'average pool, padding same': (scope, x) =>
    averagePool(scope, x, { kernel: 3, stride: 1, padding: 'same' }),
  'average pool, padding counted': (scope, x) =>
    averagePool(scope, x, { kernel: 3, stride: 2, padding: [1, 1, 1, 1], countPadding: true }),
  'average pool [2,3], stride [1,2]': (scope, x) =>
    averagePool(scope, x, { kernel: [2, 3], stride: [1, 2], padding: [1, 0, 1, 1] }),
  'average pool, stride 3, rows left over': (scope, x) =>
    averagePool(scope, x, { kernel: 2, stride: 3, padding: [0, 0, 0, 0] }),
  'max pool 3×3, stride 2': (scope, x) => maxPool(scope, x, { kernel: 3, stride: 2, padding: [1, 1, 1, 1] }),
  'max pool 2×2, rows left over': (scope, x) =>
    maxPool(scope, x, { kernel: 2, stride: 2, padding: [0, 0, 0, 0] }),
  'adaptive pool, smaller': (scope, x) => adaptiveAveragePool(scope, x, { height: 3, width: 2 }),
  'adaptive pool, larger': (scope, x) => adaptiveAveragePool(scope, x, { height: 9, width: 11 }),
  'adaptive pool, at least': (scope, x) =>
    adaptiveAveragePool(scope, x, { height: 9, width: 2, atLeast: true }),
  scale: (scope, x) => scaleBy(scope, x, -0.2),
  multiply: (scope, x) => multiply(scope, x, conv2d(scope, x, { channels: 4 })),
  'multiply by itself': (scope, x) => multiply(scope, x, x),
  'squeeze and excite': (scope, x) => {
    const mean = globalAveragePool(scope, x, { flatten: false });
    return multiply(
      scope,
      x,
      activation(scope, conv2d(scope, mean, { channels: 4, bias: true }), 'hardsigmoid'),
    );
  },
  add: (scope, x) => add(scope, x, conv2d(scope, x, { channels: 4 })),
  'add to itself': (scope, x) => add(scope, x, x),
  concat: (scope, x) => concat(scope, [x, conv2d(scope, x, { channels: 3 }), x]),
  'global average': (scope, x) => globalAveragePool(scope, x, { flatten: false }),
  ...Object.fromEntries(
    resizeConventions.flatMap((convention): [string, Layer][] => [
      [
        `resize, ${convention}, larger`,
        (scope, x) => resizeLike(scope, conv2d(scope, x, { channels: 2, stride: 2 }), x, convention),
      ],
      [
        `resize, ${convention}, smaller`,
        (scope, x) => resizeLike(scope, x, conv2d(scope, x, { channels: 2, stride: 3 }), convention),
      ],
      [
        `resize, ${convention}, from one pixel`,
        (scope, x) => resizeLike(scope, globalAveragePool(scope, x, { flatten: false }), x, convention),
      ],
    ]),
  ),
};

const network = (layer: Layer): Model =>
  filledModel(
    buildGraph(imageInput(2), (root, { image }) => ({
      logits: layer(root.child('layer'), stem(root, image)),
    })),
  );

/** A whole decoder, small: separable convolutions at two rates, a resize, a classifier. */
const whole = network((scope, x) => {
  const options = { channels: 5, epsilon: 1e-3, norm: 'both', between: 'relu' } as const;
  const down = separableConv2d(scope.child('down'), x, { ...options, stride: 2 });
  const wide = separableConv2d(scope.child('wide'), down, { ...options, rate: 2 });
  const up = resizeLike(scope.child('up'), concat(scope, [down, wide]), x, 'half-pixel');
  return conv2d(scope.child('classifier'), concat(scope.child('joined'), [up, x]), {
    channels: 3,
    bias: true,
  });
});

async function parametersOf(tf: Tf, { graph, weights }: Model): Promise<Map<string, Variable>> {
  const parameters = new Map<string, Variable>();
  for (const [name, shape] of theirShapes(graph)) {
    const { data } = await weights.read(name);
    parameters.set(name, tf.variable(tf.tensor(data as Float32Array, shape)));
  }
  return parameters;
}

type Loss = (tf: Tf, logits: Tensor) => Tensor;

/** A fixed direction over all outputs, so that a number comes out: its gradient is that direction. */
const weighted: Loss = (tf, logits) =>
  tf.customGrad((...given: unknown[]) => {
    const value = given[0] as Tensor;
    const direction = () =>
      tf.tensor(
        Float32Array.from({ length: value.size }, (_, i) => Math.sin(i * 1.7)),
        value.shape,
      );
    return { value: tf.sum(tf.mul(value, direction())), gradFunc: () => [direction()] };
  })(logits);

/** The largest difference between a gradient and its central difference, relative to the largest difference quotient. */
async function gradientError(
  tf: Tf,
  model: Model,
  mode: BatchNormMode,
  loss: Loss,
  step: number,
): Promise<number> {
  const parameters = await parametersOf(tf, model);
  const { graph } = model;
  const [, , , channels] = graph.inputs.image.shape;
  const { data, shape } = goldenImage([2, 7, 5, channels!]);
  const image = tf.tensor(data as Float32Array, [...shape]);
  const compute = () => {
    const statistics = mode === 'live' ? new Map() : undefined;
    const value = loss(tf, forward(tf, graph, { image }, parameters, { mode, statistics }).logits);
    for (const { mean, variance } of statistics?.values() ?? []) tf.dispose([mean, variance]);
    return value;
  };
  const learning = [...parameters].filter(([name]) => !/\/(mean|variance)$/.test(name));
  const { grads } = tf.variableGrads(
    () => compute() as never,
    learning.map(([, variable]) => variable),
  );
  let error = 0;
  let largest = 0;
  for (const [, variable] of learning) {
    const values = (await variable.data()).slice() as Float32Array;
    // none: a value that is only resized like
    const gradient = (await grads[variable.name]?.data()) ?? new Float32Array(values.length);
    const at = async (i: number, value: number) => {
      const changed = values.slice();
      changed[i] = value;
      const now = tf.tidy(() => {
        variable.assign(tf.tensor(changed, variable.shape));
        return compute();
      });
      return [(await now.data())[0], changed[i]] as const;
    };
    for (let i = 0; i < values.length; i += Math.ceil(values.length / 7)) {
      const [[above, upper], [below, lower]] = [await at(i, values[i] + step), await at(i, values[i] - step)];
      const difference = (above - below) / (upper - lower);
      error = Math.max(error, Math.abs(difference - gradient[i]));
      largest = Math.max(largest, Math.abs(difference));
    }
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  }
  return error / largest;
}

describe.each([tfjsCpu(), tfjsWasm()])('on $name', (runtime) => {
  const check = async (model: Model, mode: BatchNormMode, loss: Loss, step = 1e-2) => {
    const { tf, backend } = await runtime.tf();
    return inTurn(() => onBackend(tf, backend, () => gradientError(tf, model, mode, loss, step)));
  };

  test.each(Object.entries(layers))('the gradient of %s agrees with differences', async (name, layer) => {
    // where a function has a kink, the step is small so that it is not crossed
    const step = /relu|hard|max/.test(name) ? 1e-3 : 1e-2;
    expect(await check(network(layer), 'frozen', weighted, step)).toBeLessThan(5e-3);
  });

  test('so does that of a batch norm with the statistics of its batch', async () => {
    expect(await check(network(layers['batch norm']), 'live', weighted)).toBeLessThan(5e-3);
  });

  test.each(['frozen', 'live'] as const)('and the masked loss through a whole network, %s', async (mode) => {
    const labels = Uint8Array.from({ length: 2 * 9 * 11 }, (_, i) => (i % 7 === 0 ? 255 : i % 3));
    const loss: Loss = (tf, logits) =>
      maskedCrossEntropy(tf, resize(tf, logits, [9, 11], 'align-corners'), {
        labels,
        shape: [2, 9, 11],
        classes: 3,
        ignoreId: 255,
        classWeights: [1, 2, 0.5],
      });
    expect(await check(whole, mode, loss, 2e-3)).toBeLessThan(1e-2);
  });
});
