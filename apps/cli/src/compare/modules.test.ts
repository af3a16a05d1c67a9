import { expect, test } from 'vitest';
import { describeModules } from './describe.ts';
import { compareModules } from './modules.ts';

const size = { channels: 728, filters: 728, size: 19, kernel: 3 };

test("Xception's middle flow: a separable convolution is 1/N + 1/K² of an ordinary one, in either order", () => {
  const rows = new Map(compareModules(size).map((row) => [row.module, row]));
  for (const module of ['separable', 'pointwiseFirst'] as const) {
    expect(1 / rows.get(module)!.times).toBeCloseTo(1 / 728 + 1 / 9, 12);
    expect(rows.get(module)!.macs).toBe(361 * rows.get(module)!.parameters);
  }
  expect(rows.get('ordinary')).toMatchObject({ times: 1, parameters: 9 * 728 * 728, channels: 728 });
  expect(rows.get('naive')!.channels).toBe((728 * 7) / 8 + 728);
});

test('two 3×3 in place of a 5×5 save 28 % where widths are equal (Szegedy et al. 2016, section 3.1)', () => {
  const rows = compareModules({ ...size, kernel: 5 });
  expect(1 / rows.find(({ module }) => module === 'stacked')!.times).toBeCloseTo(0.72, 12);
});

test('the table says what its letters are', () => {
  const text = describeModules({ ...size, modules: compareModules(size) });
  expect(text).toContain('M = 728 channels in, N = 728 out, F = 19: a map of 19×19, K = 3: 3×3 kernels');
  expect(text).toMatch(/^depthwise separable.* M·\(K² \+ N\) +536\.54 k +193\.69 M +11\.2 % +728/m);
});
