import { expect, test } from 'vitest';
import { readDamaged } from '../test_damaged.ts';
import { tfjsMutations } from './test_tfjs_mutations.ts';

// scripts/mutations/tfjs.ts runs many more
test('a damaged model ends in tensors of their shapes or in a short error of ours', async () => {
  const { opened, read } = await readDamaged(tfjsMutations(), 300);
  expect(opened).toBeGreaterThan(30);
  expect(opened).toBeLessThan(270);
  expect(read).toBeGreaterThan(200);
});
