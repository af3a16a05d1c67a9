import { AtrousError, sizeOf } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { memoryBytes } from '../bytes.ts';
import { openCheckpoint } from '../open.ts';
import { kerasMutations } from './test_keras_mutations.ts';

// scripts/mutations/hdf5.ts runs many more
test('a damaged file ends in tensors of their shapes or in a short error of ours', async () => {
  const mutate = await kerasMutations();
  let opened = 0;
  const check = (error: unknown, seed: number) => {
    expect(error, `seed ${seed}: ${(error as Error).stack}`).toBeInstanceOf(AtrousError);
    expect((error as Error).message.length, `seed ${seed}`).toBeLessThan(1000);
  };
  for (let seed = 0; seed < 200; seed++) {
    try {
      const checkpoint = await openCheckpoint(memoryBytes(mutate(seed), 'a'));
      opened++;
      for (const name of checkpoint.names) {
        const weight = await checkpoint.read(name).catch((error) => check(error, seed));
        if (weight) expect(weight.data.length, `seed ${seed}`).toBe(sizeOf(checkpoint.spec(name).shape));
      }
    } catch (error) {
      check(error, seed);
    }
  }
  expect(opened).toBeGreaterThan(40);
  expect(opened).toBeLessThan(160);
});
