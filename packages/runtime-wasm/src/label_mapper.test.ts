import { expectLabelMaps } from '@atrous/conformance';
import { goldenImage } from '@atrous/golden';
import { labelMap } from '@atrous/mask';
import { expect, test, vi } from 'vitest';
import { labelMapper } from './label_mapper.ts';

test('labels equal those of mask, confidence to 1e-6', async () => {
  await expectLabelMaps({ labelMap: await labelMapper() });
});

test('bands of logits, and several at a time in one memory', async () => {
  const map = await labelMapper();
  const logits = goldenImage([1, 40, 30, 21]);
  const size = { height: 160, width: 90, resize: 'half-pixel' } as const;
  const whole = labelMap(logits, size).labels.data;
  const parts = await Promise.all(
    [0, 40, 80, 120].map(async (top) => {
      const first = Math.max(0, top / 4 - 1);
      const shape = [1, Math.min(40, top / 4 + 11) - first, 30, 21];
      const data = logits.data.slice(first * 30 * 21, (first + shape[1]) * 30 * 21);
      const region = { top, left: 0, height: 40, width: 90 };
      const { labels } = await map({ ...logits, shape, data }, { ...size, region }, { first, total: 40 });
      return [...labels.data];
    }),
  );
  expect(parts.flat()).toEqual([...whole]);
  const short = { ...logits, shape: [1, 5, 30, 21], data: logits.data.slice(0, 5 * 30 * 21) };
  await expect(map(short, size, { first: 0, total: 40 })).rejects.toMatchObject({ code: 'shape' });
});

test('a memory that has grown large is let go, and the next map is right', async () => {
  const map = await labelMapper();
  const large = goldenImage([1, 700, 700, 20]); // 39 MB
  const size = { height: 70, width: 60, resize: 'align-corners', confidence: true } as const;
  for (const logits of [large, goldenImage([1, 9, 8, 300]), large]) {
    const [actual, expected] = [await map(logits, size), labelMap(logits, size)];
    expect(actual.labels).toEqual(expected.labels);
    const off = actual.confidence!.map((value, i) => Math.abs(value - expected.confidence![i]));
    expect(Math.max(...off)).toBeLessThan(1e-6);
  }
});

test('without memory for it a label map is that of mask, and the next is tried again', async () => {
  const map = await labelMapper();
  const logits = goldenImage([1, 9, 8, 5]);
  const size = { height: 20, width: 30, resize: 'half-pixel' } as const;
  const memory = vi.spyOn(WebAssembly, 'Memory').mockImplementation(function none() {
    throw new RangeError('could not allocate memory');
  });
  expect(await map(logits, size)).toEqual(labelMap(logits, size));
  expect(memory).toHaveBeenCalledTimes(1);
  memory.mockRestore();
  expect(await map(logits, size)).toEqual(labelMap(logits, size));
});
