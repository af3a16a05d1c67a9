import { expect, test } from 'vitest';
import { readAll } from '../safetensors.ts';
import { numbersOf, openFixture, sameInTensorFlow } from '../test_checkpoints.ts';

test('a frozen graph holds the weights that every framework has written', async () => {
  const expected = await sameInTensorFlow();
  const found = await readAll(await openFixture('tensorflow/frozen.pb'));
  expect(Object.keys(found).sort()).toEqual(Object.keys(expected).sort());
  for (const [weight, tensor] of Object.entries(expected)) expect(found[weight], weight).toEqual(tensor);
});

test('constants of every dtype; other nodes are none', async () => {
  const { names, read } = await openFixture('tensorflow/kinds.pb');
  expect(names).not.toContain('no_constant');
  for (const name of names.filter((name) => /^(b?float|u?int)\d+$/.test(name)))
    expect(numbersOf(await read(name)), name).toEqual([0, 1, 2, 3, 100, 120]);
  expect(numbersOf(await read('bool'))).toEqual([0, 0, 1, 1, 1, 1]);
  expect(numbersOf(await read('scalar'))).toEqual([0.25]);
  expect((await read('empty')).shape).toEqual([0, 3]);
  await expect(read('text')).rejects.toMatchObject({ code: 'unsupported' });
});

test('where a list is shorter than its tensor, its last number stands for the rest; none is zeros', async () => {
  const { read } = await openFixture('tensorflow/kinds.pb');
  expect(numbersOf(await read('repeated'))).toEqual(Array(6).fill(0.5));
  expect(numbersOf(await read('listed/float'))).toEqual([1, 2, 2, 2]);
  expect(numbersOf(await read('listed/half'))).toEqual([1, -2, -2, -2]);
  expect(numbersOf(await read('listed/int32'))).toEqual([1, -2, -2, -2]);
  expect(numbersOf(await read('listed/zeros'))).toEqual([0, 0, 0, 0]);
});
