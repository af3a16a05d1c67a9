import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestOf } from './classes.ts';

const classes = ['a', 'b', 'c', 'd'].map((name, id) => ({ id, name }));

test('scores are the softmax of the logits, likeliest first', () => {
  const logits = fc.array(fc.double({ min: -5000, max: 5000, noNaN: true }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(logits, (values) => {
      const guesses = bestOf(Float32Array.from(values), classes, 4);
      expect(guesses.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 12);
      guesses.slice(1).forEach(({ score }, i) => {
        expect(score).toBeLessThanOrEqual(guesses[i].score);
      });
    }),
  );
  const [first, second] = bestOf(Float32Array.of(0, Math.log(3), 0, 0), classes, 2);
  expect(first).toEqual({ id: 1, name: 'b', score: expect.closeTo(0.5, 6) });
  expect(second).toEqual({ id: 0, name: 'a', score: expect.closeTo(1 / 6, 6) });
});
