import { expect, test } from 'vitest';
import { readDamaged } from '../test_damaged.ts';
import { tarMutations } from './test_tar_mutations.ts';

// scripts/mutations/tar.ts runs many more
test('a damaged archive ends in tensors of their shapes or in a short error of ours', async () => {
  const { opened, read } = await readDamaged(await tarMutations(), 400);
  expect(opened).toBeGreaterThan(20);
  expect(opened).toBeLessThan(380);
  expect(read).toBeGreaterThan(100);
});
