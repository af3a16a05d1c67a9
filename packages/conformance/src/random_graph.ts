import {
  type ActivationFunction,
  activation,
  adaptiveAveragePool,
  add,
  argMax,
  averagePool,
  batchNorm,
  buildGraph,
  concat,
  conv2d,
  dense,
  depthwiseConv2d,
  type Graph,
  globalAveragePool,
  imageInput,
  maxPool,
  multiply,
  resizeLike,
  type Scope,
  scaleBy,
  separableConv2d,
  softmax,
  type Value,
} from '@atrous/graph';
import { resizeConventions } from '@atrous/tensor';

/** Whole numbers below a bound, from a seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    const mixed = Math.imul(state ^ (state >>> 13), 0x297a2d39);
    return ((mixed ^ (mixed >>> 16)) >>> 0) % below;
  };
}

/** A graph of random operators over random values, seven to twelve deep: any of the operators, any fusion. */
export function randomGraph(seed: number): Graph {
  const below = numbers(seed);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)];
  const activations: readonly ActivationFunction[] = ['relu', 'relu6', 'elu', 'hardsigmoid', 'hardswish'];

  const layers: ((scope: Scope, x: Value, values: readonly Value[]) => Value)[] = [
    (scope, x) =>
      conv2d(scope, x, {
        channels: 1 + below(20),
        kernel: [1 + below(3), 1 + below(4)],
        stride: [1 + below(2), 1 + below(3)],
        rate: [1 + below(3), 1 + below(2)],
        padding: 'same',
        bias: below(2) === 0,
      }),
    (scope, x) => conv2d(scope, x, { channels: 1 + below(30), bias: below(2) === 0 }),
    (scope, x) => conv2d(scope, x, { channels: 8, stride: 2 }),
    (scope, x) =>
      depthwiseConv2d(scope, x, { rate: 1 + below(4), stride: 1 + below(2), bias: below(2) === 0 }),
    (scope, x) => depthwiseConv2d(scope, x, { kernel: [1 + below(5), 1 + below(5)], padding: 'same' }),
    (scope, x) =>
      separableConv2d(scope, activation(scope, x), {
        channels: 1 + below(24),
        rate: 1 + below(7),
        stride: 1 + below(2),
        epsilon: 1e-3,
        norm: pick(['both', 'after', 'none']),
        between: pick(['none', ...activations]),
        order: pick(['depthwise-first', 'pointwise-first']),
      }),
    (scope, x) => {
      const options = { channels: x.port.shape[3]!, epsilon: 1e-3, norm: 'both', between: 'none' } as const;
      const y = separableConv2d(scope, activation(scope, x), options);
      return activation(scope.child('after'), add(scope, y, x), pick(activations));
    },
    (scope, x) => batchNorm(scope, x, 1e-3),
    (scope, x) => activation(scope, x, pick(activations)),
    (scope, x) => maxPool(scope, x, { kernel: 3, stride: 1 + below(2), padding: 'same' }),
    (scope, x) =>
      averagePool(scope, x, {
        kernel: [2, 3],
        stride: [1, 2],
        padding: [1, 0, 1, 1],
        countPadding: below(2) === 0,
      }),
    (scope, x) => averagePool(scope, x, { kernel: 3, stride: 1, padding: 'same', countPadding: true }),
    (scope, x) =>
      adaptiveAveragePool(scope, x, {
        height: 1 + below(8),
        width: 1 + below(8),
        atLeast: below(2) === 0,
      }),
    (scope, x) => {
      const mean = conv2d(scope, globalAveragePool(scope, x, { flatten: false }), {
        channels: x.port.shape[3]!,
      });
      return multiply(scope, x, activation(scope, mean, 'hardsigmoid'));
    },
    (scope, x) => multiply(scope, x, activation(scope, x, pick(activations))),
    (scope, x) => {
      const branch = scaleBy(scope, conv2d(scope, x, { channels: x.port.shape[3]!, bias: true }), 0.3);
      return activation(scope, add(scope, x, branch), pick(activations));
    },
    (scope, x) => scaleBy(scope, x, 0.5),
    (scope, x) => resizeLike(scope, globalAveragePool(scope, x, { flatten: false }), x, 'half-pixel'),
    (scope, x, values) => resizeLike(scope, x, pick(values), pick(resizeConventions)),
    (scope, x, values) => {
      const like = pick(values);
      const resized = resizeLike(scope, x, like, pick(resizeConventions));
      return concat(scope, below(2) ? [resized, like] : [like, resized, like]);
    },
    (scope, x) => softmax(scope, x),
  ];
  return buildGraph(imageInput(1 + below(5)), (root, { image }) => {
    const values: Value[] = [image];
    const depth = 7 + below(6);
    for (let i = 0; i < depth; i++) {
      const from = below(3) === 0 ? pick(values) : values[values.length - 1];
      values.push(pick(layers)(root.child(`layer${i}`), from, values));
    }
    const last = values[values.length - 1];
    const pooled = globalAveragePool(root.child('head'), last, { flatten: true });
    return {
      last,
      inner: pick(values),
      logits: dense(root.child('head'), pooled, 1 + below(12)),
      labels: argMax(root.child('labels'), last),
    };
  });
}
