import { expect, test } from 'vitest';
import { readDamaged } from '../test_damaged.ts';
import { onnxMutations } from './test_onnx_mutations.ts';

// scripts/mutations/onnx.ts runs many more
test('a damaged file ends in tensors of their shapes or in a short error of ours', async () => {
  const { opened, read } = await readDamaged(onnxMutations(), 300);
  expect(opened).toBeGreaterThan(30);
  expect(opened).toBeLessThan(270);
  expect(read).toBeGreaterThan(200);
});
