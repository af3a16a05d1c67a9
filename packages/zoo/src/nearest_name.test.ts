import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestName } from './nearest_name.ts';

const names = ['widthMultiplier', 'outputStride', 'rates', 'concat', 'mean', 'std'];

test('one wrong letter does not hide a name', () => {
  const anyName = fc.constantFrom(...names);
  fc.assert(
    fc.property(anyName, fc.nat(), fc.constantFrom('', 'q', 'qq'), (name, at, instead) => {
      const i = at % name.length;
      expect(nearestName(name.slice(0, i) + instead + name.slice(i + 1), names)).toBe(name);
    }),
  );
});

test('capitals do not count, and what is nowhere near has no nearest', () => {
  expect(nearestName('OUTPUTSTRIDE', names)).toBe('outputStride');
  expect(nearestName('backbone', names)).toBeUndefined();
  expect(nearestName('', names)).toBeUndefined();
});

test('of two that are near, the nearer', () => {
  expect(nearestName('meam', ['beams', 'mean'])).toBe('mean');
  expect(nearestName('ratez', ['crates', 'rates'])).toBe('rates');
});
