import { expect, test } from 'vitest';
import { pace } from './output.ts';

test.each([
  [[], 9, ''],
  [[5], 9, ''],
  [[0, 250, 500], 6, '4.0 a second, 0:02 left'],
  [[0, 10_000], 90, '0.10 a second, 15:00 left'],
  [[0, 1000, 3000], 7262, '0.67 a second, 3:01:33 left'],
  [[0, 20, 40, 60, 80, 100], 99, '50 a second, 0:02 left'],
])('steps at %j ms and %d to come: %s', (times, left, text) => {
  expect(pace(times, left)).toBe(text);
});
