import { filledModel } from '@atrous/golden';
import {
  type ActivationFunction,
  activation,
  adaptiveAveragePool,
  add,
  argMax,
  batchNorm,
  buildGraph,
  concat,
  conv2d,
  dense,
  depthwiseConv2d,
  globalAveragePool,
  imageInput,
  type Model,
  maxPool,
  multiply,
  resizeLike,
  scaleBy,
  separableConv2d,
  softmax,
} from '@atrous/graph';
import { resizeConventions } from '@atrous/tensor';

import { type Layer, widened, windowLayers } from './window_layers.ts';

/** Squeeze-and-excite: a gate between 0 and 1 for each channel, from the mean over the picture. */
const gated: Layer = (scope, x) => {
  const [squeeze, excite] = [scope.child('squeeze'), scope.child('excite')];
  const channels = x.port.shape[3]!;
  const mean = globalAveragePool(squeeze, x, { flatten: false });
  const hidden = activation(squeeze, conv2d(squeeze, mean, { channels: 2, bias: true }));
  return multiply(
    scope,
    x,
    activation(excite, conv2d(excite, hidden, { channels, bias: true }), 'hardsigmoid'),
  );
};
const down: Layer = (scope, x) => maxPool(scope.child('down'), x, { kernel: 3, stride: 2, padding: 'same' });

const activations: readonly ActivationFunction[] = ['relu', 'relu6', 'elu', 'hardsigmoid', 'hardswish'];

const layers: Readonly<Record<string, Layer>> = {
  ...windowLayers,
  ...Object.fromEntries(
    [
      { height: 3, width: 3 },
      { height: 7, width: 5 },
      { height: 1, width: 2 },
    ].map((size): [string, Layer] => [
      `adaptive_average_pool: to ${size.height}×${size.width}`,
      (scope, image) => adaptiveAveragePool(scope, widened(scope, image), size),
    ]),
  ),
  ...Object.fromEntries(
    [
      { height: 7, width: 7 },
      { height: 7, width: 3 },
    ].map((size): [string, Layer] => [
      `adaptive_average_pool: to at least ${size.height}×${size.width}`,
      (scope, image) => adaptiveAveragePool(scope, widened(scope, image), { ...size, atLeast: true }),
    ]),
  ),
  'adaptive_average_pool: to at least 7×7, then a convolution of that size': (scope, image) => {
    const wide = adaptiveAveragePool(scope, image, { height: 7, width: 7, atLeast: true });
    const slid = conv2d(scope.child('slid'), wide, { channels: 5, kernel: 7, padding: [0, 0, 0, 0] });
    return globalAveragePool(scope.child('slid'), slid, { flatten: true });
  },
  ...Object.fromEntries(
    resizeConventions.flatMap((convention): [string, Layer][] => [
      [
        `resize_bilinear: ${convention}, larger`,
        (scope, image) => resizeLike(scope, down(scope, image), image, convention),
      ],
      [
        `resize_bilinear: ${convention}, smaller`,
        (scope, image) => resizeLike(scope, image, down(scope, image), convention),
      ],
      [
        `resize_bilinear: ${convention}, from one pixel`,
        (scope, image) =>
          resizeLike(scope, globalAveragePool(scope, image, { flatten: false }), image, convention),
      ],
      [
        `resize_bilinear: ${convention}, same size`,
        (scope, image) => resizeLike(scope, image, image, convention),
      ],
    ]),
  ),
  ...Object.fromEntries(
    activations.flatMap((name): [string, Layer][] => [
      [`activation: ${name}`, (scope, image) => activation(scope, image, name)],
      [
        `activation: ${name} after a convolution`,
        (scope, image) => activation(scope, widened(scope, image), name),
      ],
    ]),
  ),
  'batch_norm: alone': (scope, image) => batchNorm(scope, image, 1e-3),
  'batch_norm: after a convolution': (scope, image) => batchNorm(scope, widened(scope, image), 1e-5),
  'separable convolution': (scope, image) =>
    separableConv2d(scope, widened(scope, image), {
      channels: 12,
      rate: 2,
      epsilon: 1e-3,
      norm: 'both',
      between: 'relu',
    }),
  'separable convolution: pre-activation, stride 2': (scope, image) =>
    separableConv2d(scope, activation(scope, batchNorm(scope, widened(scope, image), 1e-3), 'elu'), {
      channels: 6,
      stride: 2,
      epsilon: 1e-3,
      norm: 'none',
      between: 'none',
    }),
  ...Object.fromEntries(
    (['none', 'after', 'both'] as const).map((norm): [string, Layer] => [
      `separable convolution: pointwise first, norm ${norm}`,
      (scope, image) =>
        separableConv2d(scope, widened(scope, image), {
          channels: 12,
          stride: norm === 'after' ? 2 : 1,
          rate: norm === 'both' ? 2 : 1,
          epsilon: 1e-3,
          norm,
          between: norm === 'both' ? 'relu' : 'none',
          order: 'pointwise-first',
        }),
    ]),
  ),
  'inverted residual with a gate': (scope, image) => {
    const [expand, depthwise, project] = ['expand', 'depthwise', 'project'].map((name) => scope.child(name));
    const wide = activation(expand, conv2d(expand, image, { channels: 20, bias: true }), 'hardswish');
    const deep = activation(
      depthwise,
      depthwiseConv2d(depthwise, wide, { kernel: 5, bias: true }),
      'hardswish',
    );
    return add(scope, image, conv2d(project, gated(scope, deep), { channels: 3, bias: true }));
  },
  'multiply: two of one shape': (scope, image) => multiply(scope, image, activation(scope, image, 'relu6')),
  'multiply: a value by itself': (scope, image) => multiply(scope, image, image),
  'multiply: a gate per channel': (scope, image) => gated(scope, widened(scope, image)),
  'multiply: a gate, then an activation': (scope, image) =>
    activation(scope, gated(scope, widened(scope, image)), 'hardswish'),
  'scale: alone': (scope, image) => activation(scope, scaleBy(scope, image, -0.17)),
  'scale: a residual': (scope, image) => {
    const x = widened(scope, image);
    const branch = conv2d(scope.child('branch'), x, { channels: 7, bias: true });
    return activation(scope, add(scope, x, scaleBy(scope, branch, 0.17)));
  },
  'scale: after a batch norm': (scope, image) =>
    scaleBy(scope, batchNorm(scope, widened(scope, image), 1e-3), 0.1),
  add: (scope, image) => add(scope, image, activation(scope, image, 'relu')),
  'add: a value to itself': (scope, image) => add(scope, image, image),
  'concat: three, of other widths': (scope, image) => concat(scope, [image, widened(scope, image), image]),
  'global_average_pool: flat': (scope, image) => globalAveragePool(scope, image, { flatten: true }),
  'global_average_pool: a pixel': (scope, image) => globalAveragePool(scope, image, { flatten: false }),
  'dense, softmax': (scope, image) =>
    softmax(scope, dense(scope, globalAveragePool(scope, widened(scope, image), { flatten: true }), 9)),
  'softmax: per pixel': (scope, image) => softmax(scope, widened(scope, image)),
  'arg_max: per pixel': (scope, image) => argMax(scope, widened(scope, image)),
};

/** Each operator in each geometry, by name: a network with the output `y`. */
export const geometries: ReadonlyMap<string, Model> = new Map(
  Object.entries(layers).map(([name, layer]) => [
    name,
    filledModel(buildGraph(imageInput(), (root, { image }) => ({ y: layer(root.child('layer'), image) }))),
  ]),
);

/** Several geometries as one network: their outputs are `y0`, `y1`, … */
export const joined = (names: readonly string[]): Model =>
  filledModel(
    buildGraph(imageInput(), (root, { image }) =>
      Object.fromEntries(names.map((name, i) => [`y${i}`, layers[name](root.child(`layer${i}`), image)])),
    ),
  );

/** Odd, even, flat, and a single pixel; batch, height, width. */
export const sizes: readonly (readonly [number, number, number])[] = [
  [1, 9, 12],
  [2, 6, 5],
  [1, 1, 8],
  [1, 1, 1],
];
