import { type Runtime, referenceRuntime } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { listRuntimes, type RuntimeTable, withRuntime } from './runtimes.ts';

const absent: Runtime = {
  ...referenceRuntime,
  name: 'absent',
  available: async () => ({ reason: 'no GPU here' }),
};
const table: RuntimeTable = {
  runtimes: {
    absent: async () => absent,
    broken: async () => {
      throw new Error('cannot be imported');
    },
    slow: async () => referenceRuntime,
  },
  choices: { auto: ['absent', 'slow'] },
};
const take = async (runtime: Runtime) => runtime.name;

test('what is here and what is not, and why', async () => {
  expect(await listRuntimes(table)).toEqual([
    { name: 'absent', available: false, reason: 'no GPU here' },
    { name: 'broken', available: false, reason: 'cannot be imported' },
    { name: 'slow', available: true },
  ]);
});

describe('choosing', () => {
  test('auto takes the first that is here, and says why', async () => {
    const chosen = await withRuntime(table, 'auto', {}, take);
    expect(chosen).toEqual({
      name: 'slow',
      reason: 'the first available choice; absent: no GPU here',
      value: 'reference',
    });
  });
  test('a runtime that was asked for is never replaced', async () => {
    expect((await withRuntime(table, 'slow', {}, take)).reason).toBe('asked for');
    await expect(withRuntime(table, 'absent', {}, take)).rejects.toThrow(
      'no runtime for "absent": absent: no GPU here',
    );
  });
  test('only what a runtime cannot do leads to the next one', async () => {
    const failing = (code: 'unsupported' | 'weights') =>
      withRuntime({ ...table, choices: { auto: ['slow', 'slow'] } }, 'auto', {}, async () => {
        throw new AtrousError(code, 'it failed');
      });
    await expect(failing('unsupported')).rejects.toThrow(
      'no runtime for "auto": slow: it failed; slow: it failed',
    );
    await expect(failing('weights')).rejects.toThrow(/^it failed$/);
  });
  test('an unknown name lists the names', async () => {
    await expect(withRuntime(table, 'cuda', {}, take)).rejects.toThrow(
      'unknown runtime "cuda": expected one of auto, absent, broken, slow',
    );
  });
});
