import { memoryBytes, toSafetensors } from '@atrous/checkpoint';
import { AtrousError, sizeOf, type Tensor, tensor } from '@atrous/tensor';
import { describe, expect, test } from 'vitest';
import { readFeeds } from './feeds.ts';
import { inputs, mutatedFeeds } from './test_feed_mutations.ts';

const read = (file: Uint8Array, ports = inputs) => readFeeds(memoryBytes(file, 'in.safetensors'), ports);
const image = (...values: number[]): Tensor => {
  const data = new Float32Array(12);
  data.set(values);
  return tensor('float32', [1, 2, 2, 3], data);
};

test('what was written is fed, half precision as float32', async () => {
  const sound = image(1, -2.5, 3.4028234663852886e38);
  expect(await read(await toSafetensors({ image: sound }))).toEqual({ image: sound });
  const half = tensor('float16', [1, 1, 1, 3], Uint16Array.of(0x3c00, 0xc000, 0x7bff));
  expect(await read(await toSafetensors({ image: half }))).toEqual({
    image: tensor('float32', [1, 1, 1, 3], Float32Array.of(1, -2, 65504)),
  });
});

describe('feeds that do not fit say what was expected', () => {
  test.each<[string, Record<string, Tensor>, string, string]>([
    ['another name', { x: image() }, 'input', 'in.safetensors: unknown feed "x": the network takes image'],
    ['a name of every object', { constructor: image() } as never, 'input', 'unknown feed "constructor"'],
    ['none', {}, 'input', 'in.safetensors: feed "image" is missing: the network takes image'],
    [
      'integers',
      { image: tensor('uint8', [1, 2, 2, 3]) },
      'shape',
      'in.safetensors: feed "image": expected float32[?,?,?,3], got uint8[1,2,2,3]',
    ],
    ['four channels', { image: tensor('float32', [1, 2, 2, 4]) }, 'shape', 'got float32[1,2,2,4]'],
    ['no rows', { image: tensor('float32', [1, 0, 2, 3]) }, 'shape', 'float32[1,0,2,3] is empty'],
    [
      'NaN',
      { image: image(0, Number.NaN) },
      'input',
      'in.safetensors: feed "image": element 1 is NaN, expected finite',
    ],
    ['infinity', { image: image(Number.NEGATIVE_INFINITY) }, 'input', 'element 0 is -Infinity'],
    [
      'infinity in half precision',
      { image: tensor('float16', [1, 1, 1, 3], Uint16Array.of(0, 0, 0x7c00)) },
      'input',
      'element 2 is Infinity',
    ],
  ])('%s', async (_name, feeds, code, message) => {
    await expect(read(await toSafetensors(feeds))).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test('nothing is read of a file that does not fit', async () => {
    const file = await toSafetensors({ image: image(), x: tensor('float32', [1000]) });
    const bytes = memoryBytes(file, 'in.safetensors');
    let furthest = 0;
    const watched = {
      ...bytes,
      read: (at: number, length: number) => {
        furthest = Math.max(furthest, at + length);
        return bytes.read(at, length);
      },
    };
    await expect(readFeeds(watched, inputs)).rejects.toThrow('unknown feed "x"');
    expect(furthest).toBeLessThan(file.length - 4000);
  });
});

test('a damaged file ends in numbers that can be fed or in an error of ours', async () => {
  let fed = 0;
  for (let seed = 0; seed < 1000; seed++) {
    const outcome = await read(mutatedFeeds(seed)).catch((error: unknown) => error);
    if (outcome instanceof Error) {
      expect(outcome, `seed ${seed}`).toBeInstanceOf(AtrousError);
      expect(outcome.message.length, `seed ${seed}`).toBeLessThan(2000);
      continue;
    }
    fed++;
    const { image: feed, ...others } = outcome as Record<string, Tensor>;
    expect(others, `seed ${seed}`).toEqual({});
    expect([feed.dtype, feed.shape.length, feed.shape[3]], `seed ${seed}`).toEqual(['float32', 4, 3]);
    expect(feed.data.length, `seed ${seed}`).toBe(sizeOf(feed.shape));
    expect((feed.data as Float32Array).every(Number.isFinite), `seed ${seed}`).toBe(true);
  }
  expect(fed).toBeGreaterThan(50);
  expect(fed).toBeLessThan(500);
});
