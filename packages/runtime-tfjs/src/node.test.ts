import { expect, test } from 'vitest';
import { tfjs } from './node.ts';

test('the set has all backends under their own names', async () => {
  const set = tfjs();
  expect(Object.keys(set)).toEqual(['tfjs:wasm', 'tfjs:webgl', 'tfjs:webgpu', 'tfjs:cpu']);
  for (const name in set) expect((await set[name]({})).name).toBe(name);
});

test('options of the set hold unless a load has its own', async () => {
  const set = tfjs({ threads: -1 });
  await expect(set['tfjs:wasm']({})).rejects.toMatchObject({ code: 'input' });
  expect((await set['tfjs:wasm']({ threads: 1 })).name).toBe('tfjs:wasm');
});
