import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bands, type Part } from './share.ts';

const views = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 1, max: 20 }),
  width: fc.integer({ min: 1, max: 20 }),
});
const forms = { float32: 'narrow', int8: 'pairs' } as const;

test('threads together do every pixel once, whoever is faster, and one that is alone does all', () => {
  const cases = fc.record({
    view: views,
    threads: fc.integer({ min: 1, max: 5 }),
    grain: fc.constantFrom(1, 6),
    most: fc.constantFrom(6, 24, 96),
    pieces: fc.constantFrom(undefined, 1, 4),
    turns: fc.array(fc.nat({ max: 4 }), { maxLength: 60 }),
  });
  fc.assert(
    fc.property(cases, ({ view: extents, threads, grain, most, pieces, turns }) => {
      const view = { ...extents, offset: 0, stride: 32, channels: 8 };
      const perImage = view.height * view.width;
      const done = new Uint8Array(view.batch * perImage);
      const claimed = new Int32Array(threads);
      const workers = Array.from({ length: threads }, (_, thread) => {
        const part: Part = { thread, threads, scratch: 0, forms, claimed };
        const run = (image: number, first: number, last: number, pixel: number) => {
          expect(pixel).toBe(image * perImage + first);
          expect(last).toBeLessThanOrEqual(perImage);
          expect(last - first).toBeLessThanOrEqual(most);
          for (let at = first; at < last; at++) done[image * perImage + at]++;
        };
        return bands(view, grain, most, part, run, pieces);
      });
      for (const turn of turns) workers[turn % threads].next();
      for (const _ of workers[threads - 1]); // the others are kept from their work
      expect(done.every((count) => count === 1)).toBe(true);
    }),
  );
});

test.each([
  [1, [96, 84]],
  [4, [48, 48, 48, 36]],
])('of a share of 180 pixels that is cut into %i pieces at least', (pieces, expected) => {
  const view = { batch: 1, height: 19, width: 19, offset: 0, stride: 32, channels: 8 };
  const part: Part = { thread: 0, threads: 2, scratch: 0, forms, claimed: new Int32Array([0, 1000]) };
  const sizes: number[] = [];
  const run = (_image: number, first: number, last: number) => void sizes.push(last - first);
  for (const _ of bands(view, 6, 96, part, run, pieces));
  expect(sizes).toEqual(expected);
});
