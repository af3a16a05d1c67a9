import { expect, test } from 'vitest';
import { fasterForm } from './int8_form.ts';

test.each([
  ['fused', [5, 2]],
  ['pairs', [2, 5]],
  ['pairs', [3, 2.9]],
] as const)('%s is taken where calls of pairs and fused take %j', (form, [pairs, fused]) => {
  let time = 0;
  let calls = 0;
  const matmulInt8 = (...parameters: number[]) => {
    // The first calls are slow, those of one form for longer: the browser has not compiled it well yet.
    const slow = calls++ < (parameters[12] ? 300 : 600) ? 20 : 1;
    time += ((parameters[12] ? fused : pairs) * slow) / 1000;
  };
  expect(fasterForm({ matmulInt8 }, () => time)).toBe(form);
});
