import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reach, samePadding, slide } from './window.ts';

const extents = { extent: fc.integer({ min: 1, max: 40 }), kernel: fc.integer({ min: 1, max: 5 }) };
const steps = { stride: fc.integer({ min: 1, max: 3 }), dilation: fc.integer({ min: 1, max: 4 }) };

test('a window stands at every step at which it fits', () => {
  const padding = fc.integer({ min: 0, max: 6 });
  fc.assert(
    fc.property(
      fc.record({ ...extents, ...steps, before: padding, after: padding }),
      ({ extent, kernel, stride, dilation, before, after }) => {
        let positions = 0;
        for (let at = -before; at + reach(kernel, dilation) <= extent + after; at += stride) positions++;
        fc.pre(positions > 0);
        const window = {
          kernel: [kernel, 1],
          stride: [stride, 1],
          dilation: [dilation, 1],
          padding: [before, after, 0, 0],
        } as const;
        expect(slide(window, { dtype: 'float32', shape: [1, extent, 1, 1] })).toEqual([positions, 1]);
      },
    ),
  );
});

test('same padding gives ⌈extent / stride⌉ positions, the odd pixel at the end', () => {
  fc.assert(
    fc.property(fc.record({ ...extents, ...steps }), ({ extent, kernel, stride, dilation }) => {
      const [before, after] = samePadding(extent, kernel, stride, dilation);
      const padded = extent + before + after - reach(kernel, dilation);
      expect(Math.floor(padded / stride) + 1).toBe(Math.ceil(extent / stride));
      expect(after - before === 0 || after - before === 1).toBe(true);
    }),
  );
});

test('free sizes stay free', () => {
  const window = { kernel: [3, 3], stride: [2, 2], dilation: [1, 1], padding: 'same' } as const;
  expect(slide(window, { dtype: 'float32', shape: [null, null, 9, 3] })).toEqual([null, 5]);
});
