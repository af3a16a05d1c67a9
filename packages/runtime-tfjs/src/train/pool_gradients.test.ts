import type { OpOf } from '@atrous/graph';
import type { Tensor } from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { tfjsCpu } from '../cpu.ts';
import { inTurn, onBackend } from '../tf.ts';
import { tfjsWasm } from '../wasm_node.ts';
import { averageUnderWindow, largestUnderWindow } from './pool_gradients.ts';

const pool = (over: Partial<OpOf<'pool'>>): OpOf<'pool'> => ({
  kind: 'pool',
  function: 'max',
  kernel: [1, 2],
  stride: [1, 2],
  padding: [0, 0, 0, 0],
  ...over,
});

describe.each([tfjsCpu(), tfjsWasm()])('on $name', (runtime) => {
  /** What comes back to a row of numbers where a gradient of these numbers arrives. */
  async function gradient(
    layer: typeof largestUnderWindow,
    values: readonly number[],
    arriving: readonly number[],
    op: OpOf<'pool'>,
  ): Promise<number[]> {
    const { tf, backend } = await runtime.tf();
    return inTurn(() =>
      onBackend(tf, backend, async () => {
        const x = tf.tensor4d([...values], [1, 1, values.length, 1]);
        const dy = tf.tensor4d([...arriving], [1, 1, arriving.length, 1]);
        const back: Tensor = tf.grad((value: Tensor) => layer(tf, value, op))(x, dy);
        return [...(await back.data())];
      }),
    );
  }

  test('of equal values under a window the first one learns', async () => {
    expect(await gradient(largestUnderWindow, [3, 3, 1, 2], [5, 7], pool({}))).toEqual([5, 0, 0, 7]);
    const overlapping = pool({ kernel: [1, 3], padding: [0, 0, 1, 1] });
    expect(await gradient(largestUnderWindow, [-4, -4, -4], [1, 10], overlapping)).toEqual([1, 10, 0]);
  });

  test('pixels that no window reaches learn nothing', async () => {
    expect(await gradient(largestUnderWindow, [1, 2, 9], [5], pool({}))).toEqual([0, 5, 0]);
    expect(await gradient(averageUnderWindow, [1, 2, 9], [5], pool({ function: 'average' }))).toEqual([
      2.5, 2.5, 0,
    ]);
  });

  test('padding takes its share of a mean only where it counts', async () => {
    const padded = pool({ function: 'average', padding: [0, 0, 1, 1] });
    const arriving = [8, 6, 4];
    expect(await gradient(averageUnderWindow, [1, 2, 3, 4], arriving, padded)).toEqual([8, 3, 3, 4]);
    const counted = { ...padded, countPadding: true };
    expect(await gradient(averageUnderWindow, [1, 2, 3, 4], arriving, counted)).toEqual([4, 3, 3, 2]);
  });
});
