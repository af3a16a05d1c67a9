import { describe, expect, test, vi } from 'vitest';
import { newest, oneByOne } from './turns.ts';

const inTurn = oneByOne();

describe('turns', () => {
  test('come one after the other, whatever became of the one before', async () => {
    const order: string[] = [];
    const first = inTurn(async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push('first');
      throw new Error('broken');
    });
    const second = inTurn(async () => order.push('second'));
    await expect(first).rejects.toThrow('broken');
    await second;
    expect(order).toEqual(['first', 'second']);
  });

  test('that wait are given up at once, and never begin', async () => {
    const { promise: running, resolve: end } = Promise.withResolvers<void>();
    const first = inTurn(() => running);
    const stop = new AbortController();
    const task = vi.fn(async () => {});
    const waiting = inTurn(task, stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough'); // while the first still runs
    end();
    await first;
    await inTurn(async () => {});
    expect(task).not.toHaveBeenCalled();
  });

  test('that run are left at once, and the next one waits for their real end', async () => {
    const { promise: running, resolve: end } = Promise.withResolvers<void>();
    const stop = new AbortController();
    const left = inTurn(() => running, stop.signal);
    const next = vi.fn(async () => {});
    const waiting = inTurn(next);
    await Promise.resolve();
    stop.abort(new Error('enough'));
    await expect(left).rejects.toThrow('enough');
    expect(next).not.toHaveBeenCalled();
    end();
    await waiting;
    expect(next).toHaveBeenCalledOnce();
  });

  test('that are given up before they are asked for never begin', async () => {
    const task = vi.fn(async () => {});
    await expect(inTurn(task, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
    await inTurn(async () => {});
    expect(task).not.toHaveBeenCalled();
  });
});

describe('the newest', () => {
  test('is taken, what nobody took before it is dropped and counted', async () => {
    const dropped: number[] = [];
    const place = newest<number>((value) => dropped.push(value));
    for (const value of [1, 2, 3]) place.put(value);
    expect([await place.take(), dropped]).toEqual([{ value: 3, dropped: 2 }, [1, 2]]);
    const waiting = place.take();
    place.put(4);
    expect(await waiting).toEqual({ value: 4, dropped: 0 });
  });

  test('is still there after the end, then there is nothing, or the error', async () => {
    const place = newest<number>();
    place.put(1);
    place.end();
    expect(await place.take()).toEqual({ value: 1, dropped: 0 });
    expect(await place.take()).toBeUndefined();
    const broken = newest<number>();
    const waiting = broken.take();
    broken.end({ cause: new Error('unplugged') });
    await expect(waiting).rejects.toThrow('unplugged');
  });

  test('is dropped by who leaves', async () => {
    const drop = vi.fn();
    const place = newest<number>(drop);
    place.put(1);
    place.clear();
    place.clear();
    expect(drop.mock.calls).toEqual([[1]]);
  });
});
