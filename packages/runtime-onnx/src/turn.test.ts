import { describe, expect, test, vi } from 'vitest';
import { inTurn } from './turn.ts';

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
