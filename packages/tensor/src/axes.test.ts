import fc from 'fast-check';
import { expect, test } from 'vitest';
import { permuteAxes, reshapeAxes } from './axes.ts';
import { tensor } from './tensor.ts';

/** Axes with their extents, some longer than what is turned at a time, and the same in another order. */
const turned = fc.uniqueArray(fc.constantFrom('H', 'W', 'I', 'O'), { minLength: 1 }).chain((axes) =>
  fc.record({
    from: fc.constant(axes.join('')),
    to: fc
      .shuffledSubarray(axes, { minLength: axes.length })
      .chain((order) =>
        fc.nat(order.length).map((at) => [...order.slice(0, at), '1', ...order.slice(at)].join('')),
      ),
    shape: fc.tuple(...axes.map(() => fc.constantFrom(1, 2, 3, 5, 33))),
  }),
);

test('every element is where its place in the other axes is', () => {
  fc.assert(
    fc.property(turned, ({ from, to, shape }) => {
      const size = shape.reduce<number>((product, extent) => product * extent, 1);
      const source = tensor(
        'float32',
        shape,
        Float32Array.from({ length: size }, (_, i) => i),
      );
      const result = permuteAxes(source, from, to);
      expect(result.shape).toEqual(reshapeAxes(shape, from, to));
      const place = (order: string, extents: readonly number[], at: Readonly<Record<string, number>>) =>
        [...order].reduce((index, axis, i) => index * extents[i] + (at[axis] ?? 0), 0);
      for (let index = 0; index < size; index++) {
        const at: Record<string, number> = {};
        for (let axis = from.length - 1, rest = index; axis >= 0; axis--) {
          at[from[axis]] = rest % shape[axis];
          rest = Math.floor(rest / shape[axis]);
        }
        if (result.data[place(to, result.shape, at)] !== index)
          throw new Error(`${from} ${shape} to ${to}: element ${index}`);
      }
    }),
  );
});

test('axes that are not those of the shape are an error', () => {
  const source = tensor('float32', [2, 3], new Float32Array(6));
  expect(() => permuteAxes(source, 'HWIO', 'OIHW')).toThrow('expected the axes HWIO, got [2,3]');
});
