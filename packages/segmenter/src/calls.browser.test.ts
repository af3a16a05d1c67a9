import { afterAll, expect, test } from 'vitest';
import { callsTo, moving } from './calls.ts';

type Arguments = readonly unknown[];

const worker = new Worker(new URL('./test_calls_worker.ts', import.meta.url), { type: 'module' });
const calls = callsTo<Record<string, (...args: Arguments) => Promise<unknown>>>(worker);
afterAll(() => worker.terminate());

test('a call gives what the method gives, however many are under way', async () => {
  const sums = await Promise.all([1, 2, 3].map((n) => calls.sum(n, 10)));
  expect(sums).toEqual([11, 12, 13]);
});

test('a method that throws, or gives what cannot be posted, rejects', async () => {
  await expect(calls.fail()).rejects.toThrow('it failed');
  await expect(calls.unpostable()).rejects.toThrow(/clone/);
  await expect(calls.sum(1, 2)).resolves.toBe(3);
});

test('arguments that cannot be posted reject, and nothing is called', async () => {
  await expect(calls.sum({ not: () => {} }, 1)).rejects.toThrow(/clone/);
});

test('memory moves with a value that says so, and is copied else', async () => {
  const given = Float32Array.of(1, 2, 3);
  expect(await calls.double(given)).toEqual({ numbers: Float32Array.of(2, 4, 6) });
  expect(given).toHaveLength(3);
  await calls.double(moving(given, [given.buffer]));
  expect(given).toHaveLength(0);
});

test('functions are called back before the call is answered, those of the last call', async () => {
  const seen: unknown[] = [];
  expect(await calls.count(2, (...args: Arguments) => seen.push(args))).toBe(2);
  expect(seen).toEqual([
    [1, '1 of 2'],
    [2, '2 of 2'],
  ]);
  let isDone = false;
  const others: unknown[] = [];
  const done = () => {
    isDone = true;
  };
  await calls.count(1, (i: unknown) => others.push(i), done);
  expect([seen.length, others, isDone]).toEqual([2, [1], true]);
});
