import { conv2d, depthwiseConv2d, type Pair, type Scope, type Value } from '@atrous/graph';

/** What a geometry does with the picture. */
export type Layer = (scope: Scope, image: Value) => Value;
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
  { kernel: [1, 7] },
  { kernel: [7, 1] },
  { kernel: [1, 3] },
  { kernel: [3, 1], stride: 2 },
  { kernel: 5, stride: 2 },
  { kernel: 5, rate: 2 },
  { kernel: 7, stride: 2 },
];

/** Windows that reach beyond no edge: they need room. */
const none = [0, 0, 0, 0] as const;
const valid: readonly Geometry[] = [
  { kernel: 2, padding: none },
  { kernel: 3, stride: 2, padding: none },
  { kernel: 5, stride: 2, padding: none },
  { kernel: [1, 7], padding: none },
  { kernel: [7, 1], padding: none },
  { kernel: 3, rate: 2, padding: none },
];

const pools: readonly (Geometry & { padding: 'same' | PaddingNumbers })[] = [
  { kernel: 3, stride: 2, padding: 'same' },
  { kernel: 3, stride: 2, padding: [1, 1, 1, 1] },
  { kernel: 3, stride: 1, padding: 'same' },
  { kernel: [2, 3], stride: [1, 2], padding: [1, 0, 1, 1] },
  { kernel: 1, stride: 2, padding: none },
];
const functions: readonly { readonly function: 'max' | 'average'; readonly countPadding?: boolean }[] = [
  { function: 'max' },
  { function: 'average' },
  { function: 'average', countPadding: true },
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
export const widened: Layer = (scope, image) =>
  conv2d(scope.child('wide'), image, { channels: 7, bias: true });
/** The same with four pixels more on each side, so that windows without padding fit. */
const roomy: Layer = (scope, image) =>
  conv2d(scope.child('roomy'), image, { channels: 7, kernel: 3, padding: [5, 5, 5, 5], bias: true });
/** Convolutions and pools in each geometry of their windows. */
export const windowLayers: Readonly<Record<string, Layer>> = {
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
    valid.flatMap((geometry): [string, Layer][] => [
      [
        `conv2d: ${nameOf(geometry)}`,
        (scope, image) => conv2d(scope, roomy(scope, image), { ...geometry, channels: 5, bias: true }),
      ],
      [
        `depthwise_conv2d: ${nameOf(geometry)}`,
        (scope, image) => depthwiseConv2d(scope, roomy(scope, image), { ...geometry, bias: true }),
      ],
    ]),
  ),
  'conv2d: many channels': (scope, image) =>
    conv2d(scope, conv2d(scope.child('wide'), image, { channels: 203, bias: true }), {
      channels: 130,
      kernel: 3,
      stride: 2,
    }),
  ...Object.fromEntries(
    functions.flatMap((kind) => {
      const name = `pool: ${kind.function}${kind.countPadding ? ', padding counted' : ''}`;
      const layerOf =
        ({ kernel, stride, padding }: (typeof pools)[number], before: Layer): Layer =>
        (scope, image) =>
          scope.node(
            { kind: 'pool', ...kind, kernel: asPair(kernel!), stride: asPair(stride!), padding },
            [before(scope, image)],
            'pool',
          );
      const unpadded = { kernel: 3, stride: 2, padding: none } as const;
      return [
        ...pools.map((geometry): [string, Layer] => [
          `${name}, ${nameOf(geometry)}`,
          layerOf(geometry, (_scope, image) => image),
        ]),
        [`${name}, ${nameOf(unpadded)}`, layerOf(unpadded, roomy)] as [string, Layer],
      ];
    }),
  ),
};
