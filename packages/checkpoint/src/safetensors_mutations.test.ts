import { AtrousError, sizeOf } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { memoryBytes } from './bytes.ts';
import { openCheckpoint } from './open.ts';
import { readAll } from './safetensors.ts';
import { mutateSafetensors } from './test_safetensors_mutations.ts';

// scripts/mutations/weights.ts runs many more, and compares with the reference parser
test('a damaged file ends in tensors of their shapes or in a short error of ours', async () => {
  let accepted = 0;
  for (let seed = 0; seed < 800; seed++) {
    const bytes = memoryBytes(mutateSafetensors(seed), 'a');
    const outcome = await openCheckpoint(bytes)
      .then(readAll)
      .catch((error: Error) => error);
    if (outcome instanceof Error) {
      expect(outcome, `seed ${seed}`).toBeInstanceOf(AtrousError);
      expect(outcome.message.length, `seed ${seed}`).toBeLessThan(1000);
      continue;
    }
    accepted++;
    for (const { shape, data } of Object.values(outcome)) {
      expect(data.length, `seed ${seed}`).toBe(sizeOf(shape));
    }
  }
  expect(accepted).toBeGreaterThan(20);
  expect(accepted).toBeLessThan(400);
});
