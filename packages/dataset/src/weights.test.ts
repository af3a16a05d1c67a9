import { expect, test } from 'vitest';
import { balancedWeights } from './weights.ts';

test('rare classes weigh more, by the root of how rare, at most 10, and absent ones 1', () => {
  const map = (counts: readonly number[]) => {
    const data = Uint8Array.from(counts.flatMap((count, id) => new Array<number>(count).fill(id)));
    return { width: data.length, height: 1, data };
  };
  expect(balancedWeights([map([2, 8]), map([0, 0])], 2, 255)).toEqual([Math.sqrt(5 / 2), Math.sqrt(5 / 8)]);
  expect(balancedWeights([map([1, 999])], 2, 255)[0]).toBe(10);
  expect(balancedWeights([map([4, 4])], 3, 255)[2]).toBe(1);
  expect(balancedWeights([map([4, 100])], 1, 1)).toEqual([1]);
});
