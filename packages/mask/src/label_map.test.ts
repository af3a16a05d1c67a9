import { bilinearTaps, type ResizeConvention, resizeConventions, type Tensor, tensor } from '@atrous/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelMap } from './label_map.ts';

const side = fc.integer({ min: 1, max: 9 });
const maps = fc
  .record({ h: side, w: side, classes: fc.integer({ min: 1, max: 5 }), height: side, width: side })
  .chain((sizes) =>
    fc
      .array(fc.float({ min: -9, max: 9, noNaN: true }), {
        minLength: sizes.h * sizes.w * sizes.classes,
        maxLength: sizes.h * sizes.w * sizes.classes,
      })
      .map((values) => ({
        ...sizes,
        logits: tensor('float32', [1, sizes.h, sizes.w, sizes.classes], Float32Array.from(values)),
      })),
  );

/** The same, by way of logits at full size. */
function bySize(logits: Tensor, height: number, width: number, resize: ResizeConvention): number[] {
  const [, h, w, classes] = logits.shape;
  const [rows, columns] = [bilinearTaps(resize, h, height), bilinearTaps(resize, w, width)];
  const labels: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const values = Array.from({ length: classes }, (_, c) => {
        const at = (row: number, column: number) => logits.data[(row * w + column) * classes + c];
        const mix = (a: number, b: number, t: number) => Math.fround(a + Math.fround(Math.fround(b - a) * t));
        const line = (row: number) =>
          mix(at(row, columns.lower[x]), at(row, columns.upper[x]), columns.fraction[x]);
        return mix(line(rows.lower[y]), line(rows.upper[y]), rows.fraction[y]);
      });
      labels.push(values.indexOf(Math.max(...values)));
    }
  }
  return labels;
}

test.each(resizeConventions)('%s: one pass by rows gives what full-size logits give', (resize) => {
  fc.assert(
    fc.property(maps, ({ logits, height, width }) => {
      const { labels } = labelMap(logits, { height, width, resize });
      expect([...labels.data]).toEqual(bySize(logits, height, width, resize));
    }),
  );
});

test('a region is that part of the whole', () => {
  const region = fc.record({ top: fc.nat(8), left: fc.nat(8), height: side, width: side });
  fc.assert(
    fc.property(maps, region, ({ logits, height, width }, part) => {
      fc.pre(part.top + part.height <= height && part.left + part.width <= width);
      const options = { height, width, resize: 'half-pixel' } as const;
      const whole = labelMap(logits, options).labels;
      const { labels } = labelMap(logits, { ...options, region: part });
      for (let y = 0; y < part.height; y++) {
        const from = (y + part.top) * width + part.left;
        const row = labels.data.subarray(y * part.width, (y + 1) * part.width);
        expect([...row]).toEqual([...whole.data.subarray(from, from + part.width)]);
      }
    }),
  );
});

test('confidence is the probability of the winning class', () => {
  const logits = tensor('float32', [1, 1, 1, 3], Float32Array.of(0, Math.log(3), 0));
  const { labels, confidence } = labelMap(logits, {
    height: 2,
    width: 2,
    resize: 'half-pixel',
    confidence: true,
  });
  expect([...labels.data]).toEqual([1, 1, 1, 1]);
  for (const value of confidence!) expect(value).toBeCloseTo(0.6, 6);
});

test('more than 256 classes are held in 16 bits', () => {
  const logits = tensor('float32', [1, 1, 1, 300]);
  logits.data[299] = 1;
  const { labels } = labelMap(logits, { height: 1, width: 1, resize: 'half-pixel' });
  expect(labels.data).toEqual(Uint16Array.of(299));
});

test('a large picture needs no full-size logits', () => {
  const logits = tensor('float32', [1, 20, 30, 21]);
  const { labels } = labelMap(logits, { height: 3000, width: 4000, resize: 'half-pixel' });
  expect(labels.data.length).toBe(12_000_000); // its logits would be a gigabyte
});

test('what does not fit is an error', () => {
  const logits = tensor('float32', [1, 2, 2, 3]);
  const options = { height: 4, width: 4, resize: 'half-pixel' } as const;
  expect(() => labelMap(tensor('float32', [2, 2, 2, 3]), options)).toThrow('got float32[2,2,2,3]');
  expect(() => labelMap(logits, { ...options, height: 0 })).toThrow('positive height and width');
  const region = { top: 2, left: 0, height: 3, width: 4 };
  expect(() => labelMap(logits, { ...options, region })).toThrow('is not inside 4×4');
});

test('a band of logits gives its rows of the label map; rows that need others are an error', () => {
  fc.assert(
    fc.property(maps, fc.constantFrom(...resizeConventions), fc.nat(8), (given, resize, cut) => {
      const { logits, h, w, classes, height, width } = given;
      const whole = labelMap(logits, { height, width, resize, confidence: true });
      const { lower, upper } = bilinearTaps(resize, h, height);
      const top = Math.min(cut, height - 1);
      const [first, last] = [lower[top], upper[height - 1]];
      const data = (logits.data as Float32Array).slice(first * w * classes, (last + 1) * w * classes);
      const band = tensor('float32', [1, last + 1 - first, w, classes], data);
      const region = { top, left: 0, height: height - top, width };
      const options = { height, width, resize, region, confidence: true };
      const part = labelMap(band, options, { first, total: h });
      expect([...part.labels.data]).toEqual([...whole.labels.data.subarray(top * width)]);
      expect(part.confidence).toEqual(whole.confidence?.subarray(top * width));
      expect(() => labelMap(band, options, { first: first + 1, total: h })).toThrow('need other logits');
    }),
  );
});
