import { AtrousError, sizeOf } from '@atrous/tensor';
import { expect } from 'vitest';
import type { ByteSource } from './bytes.ts';
import type { ModelFiles } from './model_files.ts';
import { openCheckpoint } from './open.ts';

/** A damaged file and those beside it. */
export interface Damaged {
  readonly bytes: ByteSource;
  readonly files: ModelFiles;
}

/**
 * Reads every tensor of damaged files: each ends in tensors of their shapes or in a short AtrousError.
 * @returns how many files could be opened, and how many of their tensors could be read
 */
export async function readDamaged(
  mutate: (seed: number) => Damaged,
  count: number,
): Promise<{ opened: number; read: number }> {
  let opened = 0;
  let read = 0;
  const check = (error: unknown, seed: number) => {
    expect(error, `seed ${seed}: ${(error as Error).stack}`).toBeInstanceOf(AtrousError);
    expect((error as Error).message.length, `seed ${seed}`).toBeLessThan(1000);
  };
  for (let seed = 0; seed < count; seed++) {
    const { bytes, files } = mutate(seed);
    const checkpoint = await openCheckpoint(bytes, { files }).catch((error) => check(error, seed));
    if (!checkpoint) continue;
    opened++;
    for (const name of checkpoint.names) {
      const weight = await checkpoint.read(name).catch((error) => check(error, seed));
      if (!weight) continue;
      read++;
      expect(weight.data.length, `seed ${seed}`).toBe(sizeOf(checkpoint.spec(name).shape));
    }
  }
  return { opened, read };
}
