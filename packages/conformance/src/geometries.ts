import { filledModel } from '@atrous/golden';
import {
  type ActivationFunction,
  activation,
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
  type Pair,
  resizeLike,
  type Scope,
  separableConv2d,
  softmax,
  type Value,
} from '@atrous/graph';
import { resizeConventions } from '@atrous/tensor';

type Layer = (scope: Scope, image: Value) => Value;
type PaddingNumbers = readonly [top: number, bottom: number, left: number, right: number];

interface Geometry {
  readonly kernel?: number | Pair;
  readonly stride?: number | Pair;
  readonly rate?: number | Pair;
  readonly padding?: 'same' | PaddingNumbers;
}

const windows: readonly Geometry[] = [
  {},
  { stride: 2 },
  { rate: 2 },
  { rate: 18 },
  { stride: 2, rate: 2 },
  { stride: 2, padding: 'same' },
  { rate: 3, padding: 'same' },
  { kernel: 1 },
  { kernel: 1, stride: 2 },
  { kernel: 5, padding: 'same' },
  { kernel: [3, 2], stride: [1, 2], rate: [2, 1], padding: [4, 1, 0, 3] },
  { kernel: [1, 4], rate: [1, 2], padding: [0, 0, 6, 1] },
  { kernel: 2, stride: 2, padding: [1, 0, 0, 1] },
  { stride: [2, 3], padding: [1, 2, 2, 1] },
];
const pools: readonly (Geometry & { padding: 'same' | PaddingNumbers })[] = [
  { kernel: 3, stride: 2, padding: 'same' },
  { kernel: 3, stride: 2, padding: [1, 1, 1, 1] },
  { kernel: 3, stride: 1, padding: 'same' },
  { kernel: [2, 3], stride: [1, 2], padding: [1, 0, 1, 1] },
  { kernel: 1, stride: 2, padding: [0, 0, 0, 0] },
];

const extents = (value: number | Pair): string => (typeof value === 'number' ? `${value}` : value.join('×'));
const asPair = (value: number | Pair): Pair => (typeof value === 'number' ? [value, value] : value);
const nameOf = ({ kernel = 3, stride = 1, rate = 1, padding }: Geometry): string =>
  [
    `kernel ${extents(kernel)}`,
    stride !== 1 && `stride ${extents(stride)}`,
    rate !== 1 && `rate ${extents(rate)}`,
    padding && `padding ${padding}`,
  ]
    .filter(Boolean)
    .join(', ');

/** Something with seven channels to work on, so that no channel count is a multiple of four. */
const widened: Layer = (scope, image) => conv2d(scope.child('wide'), image, { channels: 7, bias: true });
const down: Layer = (scope, x) => maxPool(scope.child('down'), x, { kernel: 3, stride: 2, padding: 'same' });

const activations: readonly ActivationFunction[] = ['relu', 'relu6', 'elu'];

const layers: Readonly<Record<string, Layer>> = {
  ...Object.fromEntries(
    windows.flatMap((geometry): [string, Layer][] => [
      [
        `conv2d: ${nameOf(geometry)}`,
        (scope, image) => conv2d(scope, image, { kernel: 3, ...geometry, channels: 5, bias: true }),
      ],
      [
        `depthwise_conv2d: ${nameOf(geometry)}`,
        (scope, image) =>
          depthwiseConv2d(scope, widened(scope, image), { kernel: 3, ...geometry, bias: true }),
      ],
    ]),
  ),
  ...Object.fromEntries(
    (['max', 'average'] as const).flatMap((kind) =>
      pools.map((geometry): [string, Layer] => [
        `pool: ${kind}, ${nameOf(geometry)}`,
        (scope, image) => {
          const { kernel, stride, padding } = geometry;
          return scope.node(
            { kind: 'pool', function: kind, kernel: asPair(kernel!), stride: asPair(stride!), padding },
            [image],
          );
        },
      ]),
    ),
  ),
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

/** Odd, even, flat, and a single pixel; batch, height, width. */
export const sizes: readonly (readonly [number, number, number])[] = [
  [1, 9, 12],
  [2, 6, 5],
  [1, 1, 8],
  [1, 1, 1],
];
