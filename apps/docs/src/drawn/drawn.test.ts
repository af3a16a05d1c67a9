import { describe, expect, test } from 'vitest';
import { costOf, inWords } from './cost.ts';
import { flow, pointwiseShare } from './flow.ts';
import curves from './residual/curves.json' with { type: 'json' };

describe('the flows', () => {
  test("Xception's are those of figure 5", () => {
    const { rows } = flow('xception', 32, 299);
    const shown = rows.map(({ name, shape: [height, , channels], count }) => [name, height, channels, count]);
    expect(shown).toEqual([
      ['conv1', 149, 32, 1],
      ['conv2', 147, 64, 1],
      ['block1', 74, 128, 1],
      ['block2', 37, 256, 1],
      ['block3', 19, 728, 1],
      ['block1–8', 19, 728, 8],
      ['block1', 10, 1024, 1],
      ['block2', 10, 2048, 1],
    ]);
    const convolutions = rows
      .flatMap(({ widths, count }) => Array.from({ length: count }, () => widths))
      .flat();
    expect(convolutions).toHaveLength(36);
  });

  test('multiply-adds of the rows are those of the network', () => {
    for (const stride of [32, 16, 8] as const) {
      const { rows, multiplyAdds } = flow('xception65', stride, 299);
      expect(rows.reduce((sum, row) => sum + row.multiplyAdds * row.count, 0)).toBe(multiplyAdds);
    }
  });

  test('a stride that is taken away becomes a rate', () => {
    const rates = (stride: 32 | 16 | 8) => flow('xception65', stride, 299).rows.map(({ rate }) => rate);
    expect(rates(32)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(rates(16)).toEqual([1, 1, 1, 1, 1, 1, 1, 2]);
    expect(rates(8)).toEqual([1, 1, 1, 1, 1, 2, 2, 4]);
  });
});

test('most of a DeepLab on Xception-65 is pointwise', () => {
  expect(pointwiseShare()).toBeCloseTo(0.96, 2);
});

describe('the cost', () => {
  test('the ratio is 1/M + 1/K², whatever F and N are', () => {
    for (const [f, n, m, k] of [
      [19, 728, 728, 3],
      [147, 3, 32, 5],
      [1, 1, 1, 1],
    ]) {
      const { separable, ordinary } = costOf({ f, n, m, k });
      expect(separable / ordinary).toBeCloseTo(1 / m + 1 / k ** 2, 12);
    }
  });

  test('in words', () => {
    expect([999_999, 1_719_000_000, 193_700_000].map(inWords)).toEqual([
      '999,999',
      '1.72 billion',
      '194 million',
    ]);
  });
});

test('the curves have as many seeds with shortcuts as without, and all of their steps', () => {
  const { steps } = curves.settings;
  expect(curves.with.map(({ seed }) => seed)).toEqual(curves.without.map(({ seed }) => seed));
  for (const { points } of [...curves.with, ...curves.without]) {
    expect(points.at(-1)?.step).toBe(steps);
    expect(points.every(({ accuracy }) => accuracy >= 0 && accuracy <= 1)).toBe(true);
  }
});
