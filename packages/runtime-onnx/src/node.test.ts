import { expect, test } from 'vitest';
import { onnx } from './node.ts';

test('the set has the runtimes of Node under their own names', async () => {
  const set = onnx();
  expect(Object.keys(set)).toEqual(['onnx:native', 'onnx:wasm']);
  for (const name in set) expect((await set[name]({})).name).toBe(name);
});

test('options of the set hold unless a load has its own', async () => {
  const set = onnx({ threads: -1 });
  for (const name in set) {
    await expect(set[name]({})).rejects.toMatchObject({ code: 'input' });
    expect((await set[name]({ threads: 1 })).name).toBe(name);
  }
});
