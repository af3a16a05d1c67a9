import { type Runtime, referenceRuntime } from '@atrous/graph';
import { AtrousError, type ErrorCode } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { listRuntimes, type RuntimePlatform, runtimeNames, tableOf, withRuntime } from './runtimes.ts';

const named = (name: string): Runtime => ({ ...referenceRuntime, name });
const absent: Runtime = { ...named('absent'), available: async () => ({ reason: 'no GPU here' }) };
const bring = async () => {
  throw new Error('cannot be imported');
};

const platform: RuntimePlatform = {
  own: { plain: async () => named('plain') },
  known: {
    'gpu:fast': '@atrous/runtime-gpu gpu-driver',
    plain: '@atrous/plain',
    'gpu:soft': '@atrous/runtime-gpu',
  },
  choices: { auto: ['gpu:fast', 'plain', 'gpu:soft'], gpu: ['gpu:fast', 'gpu:soft'] },
};
const fast = { 'gpu:fast': async () => named('fast') };
const soft = { 'gpu:soft': async () => named('soft') };
const alone = tableOf(platform);
const take = async (runtime: Runtime) => runtime.name;

describe('the table', () => {
  test('has what is there in the order of the platform, then what it does not know', () => {
    const { runtimes, missing } = tableOf(platform, [{ mine: async () => absent }, soft, fast]);
    expect(Object.keys(runtimes)).toEqual(['gpu:fast', 'plain', 'gpu:soft', 'mine']);
    expect(missing).toEqual({});
    expect(Object.keys(alone.runtimes)).toEqual(['plain']);
    expect(alone.missing).toEqual({
      'gpu:fast': '@atrous/runtime-gpu gpu-driver',
      'gpu:soft': '@atrous/runtime-gpu',
    });
  });
  test('names choices that stand for something', () => {
    expect(runtimeNames(alone)).toEqual(['auto', 'plain']);
    expect(runtimeNames(tableOf(platform, [soft]))).toEqual(['auto', 'gpu', 'plain', 'gpu:soft']);
  });
  test('takes the last of one name', async () => {
    const { value } = await withRuntime(
      tableOf(platform, [{ plain: async () => named('mine') }]),
      'plain',
      {},
      take,
    );
    expect(value).toBe('mine');
  });
});

test('what is here and what is not, and why', async () => {
  const table = tableOf(platform, [{ 'gpu:fast': async () => absent, 'gpu:soft': bring }]);
  expect(await listRuntimes(table)).toEqual([
    { name: 'gpu:fast', available: false, reason: 'no GPU here' },
    { name: 'plain', available: true },
    { name: 'gpu:soft', available: false, reason: 'cannot be imported' },
  ]);
});

describe('auto', () => {
  test('takes the first that is here, whatever the order in which they were given', async () => {
    const chosen = await withRuntime(tableOf(platform, [soft, fast]), 'auto', {}, take);
    expect(chosen).toEqual({ name: 'gpu:fast', reason: 'the first available choice', value: 'fast' });
  });
  test('says what it would have preferred', async () => {
    const without = await withRuntime(alone, 'auto', {}, take);
    expect(without).toEqual({
      name: 'plain',
      reason: 'the first available choice; gpu:fast: not given (runtimes: [gpu()] of @atrous/runtime-gpu)',
      value: 'plain',
    });
    const table = tableOf(platform, [{ 'gpu:fast': async () => absent }]);
    expect((await withRuntime(table, 'auto', {}, take)).reason).toBe(
      'the first available choice; gpu:fast: no GPU here',
    );
  });
  test.each<[string, unknown]>([
    ...(['unsupported', 'unavailable', 'device-lost', 'memory', 'shape', 'runtime'] as const).map(
      (code) => [code, new AtrousError(code, 'it failed')] as [string, unknown],
    ),
    ['an error of others', new RangeError('it failed')],
    ['no error', 'it failed'],
  ])('goes on after a start that failed: %s', async (_, reason) => {
    const tried: string[] = [];
    const chosen = await withRuntime(tableOf(platform, [fast, soft]), 'auto', {}, async ({ name }) => {
      tried.push(name);
      if (name !== 'soft') throw reason;
    });
    expect(tried).toEqual(['fast', 'plain', 'soft']);
    expect([chosen.name, chosen.reason]).toEqual([
      'gpu:soft',
      'the first available choice; gpu:fast: it failed; plain: it failed',
    ]);
  });
  test('lists all when none is left, with the last reason', async () => {
    const reason = new AtrousError('memory', 'it is full');
    const none = withRuntime(tableOf(platform, [{ 'gpu:fast': bring }]), 'auto', {}, async () => {
      throw reason;
    });
    await expect(none).rejects.toMatchObject({
      code: 'unavailable',
      cause: reason,
      message:
        'no runtime for "auto": gpu:fast: its code cannot be loaded: cannot be imported; plain: it is full; ' +
        'gpu:soft: not given (runtimes: [gpu()] of @atrous/runtime-gpu)',
    });
  });
  test.each<ErrorCode>(['input', 'weights', 'format', 'config', 'integrity', 'not-found', 'disposed'])(
    'ends where it is not the runtime’s fault: %s',
    async (code) => {
      const tried: string[] = [];
      const failing = withRuntime(tableOf(platform, [fast]), 'auto', {}, async ({ name }) => {
        tried.push(name);
        throw new AtrousError(code, 'it failed');
      });
      await expect(failing).rejects.toMatchObject({ code, message: 'it failed' });
      expect(tried).toEqual(['fast']);
    },
  );
  test('ends when it is aborted, for whatever reason', async () => {
    const stop = new AbortController();
    const reason = new Error('enough');
    const table = tableOf(platform, [fast]);
    const aborted = withRuntime(table, 'auto', { signal: stop.signal }, async () => {
      stop.abort(reason);
      throw reason;
    });
    await expect(aborted).rejects.toBe(reason);
    const named = withRuntime(table, 'auto', {}, async () => {
      throw new DOMException('enough', 'AbortError');
    });
    await expect(named).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a name', () => {
  test('that was asked for is never replaced', async () => {
    expect((await withRuntime(alone, 'plain', {}, take)).reason).toBe('asked for');
    const table = tableOf(platform, [{ 'gpu:fast': async () => absent }]);
    await expect(withRuntime(table, 'gpu:fast', {}, take)).rejects.toThrow(
      'no runtime for "gpu:fast": gpu:fast: no GPU here',
    );
    const reason = new AtrousError('memory', 'it is full');
    const failing = withRuntime(table, 'plain', {}, async () => {
      throw reason;
    });
    await expect(failing).rejects.toBe(reason);
  });
  test.each([
    ['gpu:fast', '@atrous/runtime-gpu gpu-driver'],
    ['gpu:soft', '@atrous/runtime-gpu'],
    ['gpu', '@atrous/runtime-gpu gpu-driver'],
  ])('that is known and was not given says how to: %s', async (name, install) => {
    const message =
      `runtime "${name}" was not given: run "npm install ${install}", then ` +
      `"import { gpu } from '@atrous/runtime-gpu';", and pass { runtimes: [gpu()] } beside its name (in a worker of ` +
      'your own to serveSegmenter)';
    const asked = withRuntime(alone, name, {}, take);
    await expect(asked).rejects.toMatchObject({ code: 'unavailable', message });
  });
  test('of several is taken where one of them is here', async () => {
    expect((await withRuntime(tableOf(platform, [soft]), 'gpu', {}, take)).name).toBe('gpu:soft');
  });
  test('that is unknown lists those that are here', async () => {
    const unknown = { code: 'input', message: 'unknown runtime "cuda": expected one of auto, plain' };
    await expect(withRuntime(alone, 'cuda', {}, take)).rejects.toMatchObject(unknown);
  });
});
