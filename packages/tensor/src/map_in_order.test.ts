import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { mapInOrder } from './map_in_order.ts';

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function collect<T>(results: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const result of results) into.push(result);
  return into;
}

/** Items that count how many of them were taken. */
function counted(count: number) {
  const seen = { taken: 0, ended: false };
  function* items() {
    try {
      for (; seen.taken < count; ) yield seen.taken++;
    } finally {
      seen.ended = true;
    }
  }
  return { seen, items: items() };
}

/** Work that ends when it is told to, and hears of an abort. */
function byHand() {
  const begun: { finish(): void; fail(error: Error): void; aborted: boolean }[] = [];
  const work = (item: number, _index: number, signal: AbortSignal) =>
    new Promise<number>((resolve, reject) => {
      const one = { finish: () => resolve(item * 10), fail: reject, aborted: false };
      begun.push(one);
      signal.addEventListener('abort', () => {
        one.aborted = true;
        reject(signal.reason);
      });
    });
  return { begun, work };
}

test('results come in the order of the items, however long each takes, and no more than allowed are under way', async () => {
  const given = {
    delays: fc.array(fc.nat(4), { maxLength: 12 }),
    concurrency: fc.integer({ min: 1, max: 5 }),
  };
  await fc.assert(
    fc.asyncProperty(fc.record(given), fc.boolean(), async ({ delays, concurrency }, isAsync) => {
      let [underWay, most] = [0, 0];
      const work = async (delay: number, index: number) => {
        most = Math.max(most, ++underWay);
        for (let i = 0; i < delay; i++) await wait(0);
        underWay--;
        return index;
      };
      async function* later() {
        for (const delay of delays) {
          await wait(0);
          yield delay;
        }
      }
      const results = await collect(mapInOrder(isAsync ? later() : delays, work, { concurrency }));
      expect(results).toEqual(delays.map((_, i) => i));
      expect(most).toBeLessThanOrEqual(concurrency);
    }),
    { numRuns: 60 },
  );
});

test('items are taken when there is room: a reader that waits holds up the rest', async () => {
  const { seen, items } = counted(100);
  const results = mapInOrder(items, async (item) => item, { concurrency: 3 });
  await wait(5);
  expect(seen.taken).toBe(0); // nothing before somebody asks
  expect((await results.next()).value).toBe(0);
  await wait(5);
  expect(seen.taken).toBeLessThanOrEqual(4);
  await results.return();
  expect(seen.ended).toBe(true);
});

test('a result comes as soon as it is there, though the next item is not', async () => {
  async function* items() {
    yield 1;
    await new Promise(() => {});
  }
  const results = mapInOrder(items(), async (item) => item, { concurrency: 2 });
  expect(await results.next()).toEqual({ value: 1, done: false });
});

describe('it ends', () => {
  test('with what the work throws, after the results before it; what is under way is aborted', async () => {
    const { begun, work } = byHand();
    const results: number[] = [];
    const ended = collect(mapInOrder([0, 1, 2, 3], work, { concurrency: 3 }), results);
    await vi.waitFor(() => expect(begun).toHaveLength(3));
    begun[1].fail(new Error('broken'));
    begun[0].finish();
    await expect(ended).rejects.toThrow('broken');
    expect(results).toEqual([0]);
    expect(begun[2].aborted).toBe(true);
  });

  test('with what the items throw, after the results of those before', async () => {
    const results: number[] = [];
    function* items() {
      yield 1;
      throw new Error('no more');
    }
    await expect(
      collect(
        mapInOrder(items(), async (item) => item, { concurrency: 2 }),
        results,
      ),
    ).rejects.toThrow('no more');
    expect(results).toEqual([1]);
  });

  test('at an abort, also where no item and no result comes', async () => {
    const stop = new AbortController();
    const never = new Promise<IteratorResult<number>>(() => {});
    const items = { [Symbol.asyncIterator]: () => ({ next: () => never }) };
    const ended = collect(mapInOrder(items, async (item) => item, { concurrency: 2, signal: stop.signal }));
    stop.abort(new Error('enough'));
    await expect(ended).rejects.toThrow('enough');
    await expect(
      collect(mapInOrder([1], async (item) => item, { concurrency: 1, signal: stop.signal })),
    ).rejects.toThrow('enough');
  });

  test('when the reader leaves: what is under way is aborted and over, and the items are told', async () => {
    const { begun, work } = byHand();
    const { seen, items } = counted(10);
    const results = mapInOrder(items, work, { concurrency: 3 });
    const first = results.next();
    await vi.waitFor(() => expect(begun).toHaveLength(3));
    begun[0].finish();
    await first;
    await results.return();
    expect(begun.slice(1).every(({ aborted }) => aborted)).toBe(true);
    expect(seen.ended).toBe(true);
  });
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2'])('concurrency %s is an error', (value) => {
  expect(() => mapInOrder([1], async (item) => item, { concurrency: value as number })).toThrow(
    expect.objectContaining({
      code: 'input',
      message: expect.stringMatching(/^concurrency: expected a whole/),
    }),
  );
});
