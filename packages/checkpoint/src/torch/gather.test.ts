import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gatherElements, isContiguous, swapBytes } from './gather.ts';

const view = fc.record({
  axes: fc.array(
    fc.record({ extent: fc.integer({ min: 1, max: 4 }), stride: fc.integer({ min: 0, max: 9 }) }),
    { maxLength: 4 },
  ),
  size: fc.constantFrom(1, 2, 4, 8),
  shift: fc.integer({ min: 0, max: 3 }),
});

test('each element of a view comes from its place', () => {
  fc.assert(
    fc.property(view, ({ axes, size, shift }) => {
      const shape = axes.map(({ extent }) => extent);
      const stride = axes.map((axis) => axis.stride);
      const places = axes.reduce(
        (all, { extent, stride: step }) =>
          all.flatMap((at) => Array.from({ length: extent }, (_, i) => at + i * step)),
        [0],
      );
      const elements = Math.max(...places) + 1;
      const bytes = Uint8Array.from({ length: shift + elements * size }, (_, i) => (i * 37) % 251).subarray(
        shift,
      );
      const expected = places.flatMap((at) => [...bytes.subarray(at * size, (at + 1) * size)]);
      expect([...gatherElements(bytes, size, shape, stride)]).toEqual(expected);
      if (isContiguous(shape, stride)) expect(places).toEqual(places.map((_, i) => i));
    }),
  );
});

test('row-major strides are told from others', () => {
  expect(isContiguous([2, 3], [3, 1])).toBe(true);
  expect(isContiguous([2, 1, 3], [3, 77, 1])).toBe(true); // an axis of one element has no step
  expect(isContiguous([], [])).toBe(true);
  expect(isContiguous([2, 3], [1, 2])).toBe(false);
  expect(isContiguous([2, 3], [4, 1])).toBe(false);
  expect(isContiguous([3], [0])).toBe(false);
});

test('the bytes of each element are turned around', () => {
  expect([...swapBytes(Uint8Array.of(1, 2, 3, 4), 2)]).toEqual([2, 1, 4, 3]);
  expect([...swapBytes(Uint8Array.of(1, 2, 3, 4), 4)]).toEqual([4, 3, 2, 1]);
  expect([...swapBytes(Uint8Array.of(1, 2), 1)]).toEqual([1, 2]);
});
