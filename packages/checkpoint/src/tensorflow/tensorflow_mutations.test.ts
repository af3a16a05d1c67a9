import { expect, test } from 'vitest';
import { readDamaged } from '../test_damaged.ts';
import { tensorFlowMutations } from './test_tensorflow_mutations.ts';

// scripts/mutations/tensorflow.ts runs many more
test('a damaged file ends in tensors of their shapes or in a short error of ours', async () => {
  const { opened, read } = await readDamaged(await tensorFlowMutations(), 300);
  expect(opened).toBeGreaterThan(30);
  expect(opened).toBeLessThan(270);
  expect(read).toBeGreaterThan(200);
});
