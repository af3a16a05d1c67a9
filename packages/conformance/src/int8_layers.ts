import { filledModel } from '@atrous/golden';
import {
  type ActivationFunction,
  activation,
  add,
  buildGraph,
  conv2d,
  dense,
  globalAveragePool,
  imageInput,
  type Model,
  type Padding,
} from '@atrous/graph';
import fc from 'fast-check';

/** One product, with what may follow it in its kernel. */
export interface Int8Layer {
  readonly channels: number;
  readonly kernel: number | readonly [number, number];
  readonly stride: number;
  readonly rate: number;
  readonly padding: Padding;
  readonly bias: boolean;
  readonly residual: boolean;
  readonly after: 'none' | 'relu' | 'relu6';
}

export interface Int8Case {
  readonly inputs: number;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly before: 'signed' | ActivationFunction;
  readonly layers: readonly Int8Layer[];
}

const layers: fc.Arbitrary<Int8Layer> = fc.record({
  channels: fc.constantFrom(1, 7, 8, 20, 33),
  kernel: fc.constantFrom(1, 1, 3, [1, 3] as const, [2, 2] as const),
  stride: fc.constantFrom(1, 1, 2),
  rate: fc.constantFrom(1, 2),
  padding: fc.constantFrom('same' as const, [2, 2, 2, 2] as const),
  bias: fc.boolean(),
  residual: fc.boolean(),
  after: fc.constantFrom('none' as const, 'relu' as const, 'relu6' as const),
});

/** Products in 8 bits, and the pixels that they are given. */
export const int8Cases: fc.Arbitrary<Int8Case> = fc.record({
  inputs: fc.constantFrom(1, 3, 8, 13, 16, 24, 40, 130),
  height: fc.constantFrom(1, 1, 2, 5, 9),
  width: fc.constantFrom(1, 1, 3, 8, 13),
  batch: fc.constantFrom(1, 2),
  before: fc.constantFrom('signed' as const, 'relu' as const),
  layers: fc.array(layers, { minLength: 4, maxLength: 6 }),
});

/** A product with nothing special. */
export const int8Layer = (kernel: number): Int8Layer => ({
  channels: 9,
  kernel,
  stride: 1,
  rate: 1,
  padding: 'same',
  bias: true,
  residual: false,
  after: 'none',
});

/** All layers on the same pixels. What comes before them is exact in every engine, so that all round the same numbers. */
export function int8Layers({ inputs, before, layers }: Omit<Int8Case, 'batch' | 'height' | 'width'>): Model {
  return filledModel(
    buildGraph(imageInput(inputs), (root, { image }) => {
      const scope = root.child('before');
      const pixels = before === 'signed' ? add(scope, image, image) : activation(scope, image, before);
      const outputs = layers.map(({ residual, after, ...options }, i) => {
        const scope = root.child(`layer${i}`);
        const window = { ...options, padding: options.kernel === 1 ? 'same' : options.padding } as const;
        const other = residual ? conv2d(scope.child('other'), pixels, window) : undefined;
        let x = conv2d(scope, pixels, window);
        if (other) x = add(scope.child('sum'), x, other);
        return [`y${i}`, after === 'none' ? x : activation(scope.child('after'), x, after)] as const;
      });
      const mean = globalAveragePool(root, pixels, { flatten: true });
      return { ...Object.fromEntries(outputs), mean, dense: dense(root.child('dense'), mean, 11) };
    }),
  );
}
