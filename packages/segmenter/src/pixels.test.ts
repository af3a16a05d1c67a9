import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, type GivenPixels, takePixels } from './pixels.ts';

const one = (data: GivenPixels['data'], colorSpace?: string): GivenPixels => ({
  width: 1,
  height: 1,
  data,
  colorSpace,
});
const taken = (given: GivenPixels) => [...takePixels(given).data];

describe('8-bit pixels in sRGB', () => {
  test('are taken as they are, without a copy', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(3));
    for (const data of [Uint8Array.of(1, 2, 3), Uint8ClampedArray.of(1), shared]) {
      for (const given of [one(data), one(data, 'srgb')]) expect(takePixels(given)).toBe(given);
    }
  });
  test('cost the same at any size', () => {
    const given = { width: 20000, height: 5000, data: new Uint8Array(1e8), colorSpace: 'srgb' };
    const began = performance.now();
    for (let i = 0; i < 1000; i++) takePixels(given);
    expect(performance.now() - began).toBeLessThan(100);
  });
});

describe('Display-P3', () => {
  test('becomes sRGB: [127, 191, 77] is [105.53, 193.11, 53.60]', () => {
    expect(taken(one(Uint8Array.of(127, 191, 77, 9), 'display-p3'))).toEqual([106, 193, 54, 9]);
    expect(taken(one(Uint8Array.of(127, 191, 77), 'display-p3'))).toEqual([106, 193, 54]);
  });
  test('is exact to half a step at every colour', () => {
    const decode = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const encode = (l: number) => (l <= 0.0031308 ? l * 12.92 : 1.055 * l ** (1 / 2.4) - 0.055);
    const matrix = [
      [1.2249401762805598, -0.22494017628055996, 0],
      [-0.042056954709688163, 1.0420569547096881, 0],
      [-0.019637554590334432, -0.07863604555063188, 1.0982736001409663],
    ];
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, (...colour) => {
        const light = colour.map((value) => decode(value / 255));
        for (const [c, value] of taken(one(Uint8Array.from(colour), 'display-p3')).entries()) {
          const exact = matrix[c].reduce((sum, factor, i) => sum + factor * light[i], 0);
          const expected = 255 * encode(Math.min(1, Math.max(0, exact)));
          if (Math.abs(value - expected) > 0.53) return false; // 0.03 are the table's
        }
        return true;
      }),
      { numRuns: 2000 },
    );
  });
  test('is cut off where sRGB ends, and greys are equal', () => {
    expect(taken(one(Uint8Array.of(255, 0, 0), 'display-p3'))).toEqual([255, 0, 0]);
    expect(taken(one(Uint8Array.of(0, 255, 0), 'display-p3'))).toEqual([0, 255, 0]);
    for (let grey = 0; grey < 256; grey++) {
      expect(taken(one(Uint8Array.of(grey, grey, grey), 'display-p3'))).toEqual([grey, grey, grey]);
      expect(taken(one(Uint8Array.of(grey), 'display-p3'))).toEqual([grey]);
    }
  });
});

describe.skipIf(typeof Float16Array === 'undefined')('float16 (from Node 24 on)', () => {
  const half = (...values: number[]) => Float16Array.from(values);
  test('is rounded, and clamped to what 8 bits hold', () => {
    expect(taken(one(half(0, 1, 0.5, 0.25)))).toEqual([0, 255, 128, 64]);
    expect(taken(one(half(-1, 2, Number.NaN, Number.POSITIVE_INFINITY)))).toEqual([0, 255, 0, 255]);
  });
  test('in Display-P3 becomes sRGB', () => {
    const wide = half(127 / 255, 191 / 255, 77 / 255, 0.5);
    const [red, green, blue, alpha] = taken(one(wide, 'display-p3'));
    expect([red, green, blue].map((value, i) => Math.abs(value - [106, 193, 54][i]) <= 1)).toEqual([
      true,
      true,
      true,
    ]);
    expect(alpha).toBe(128);
    expect(taken(one(half(Number.NaN, -3, 7, 1), 'display-p3')).every(Number.isInteger)).toBe(true);
  });
});

describe('what is not usable is an error', () => {
  test.each<[string, unknown, string]>([
    ['other numbers', { data: Float32Array.of(0, 0, 0) }, 'got Float32Array'],
    ['a list', { data: [1, 2, 3] }, 'got an array of 3'],
    ['another colour space', { colorSpace: 'rec2020' }, 'expected srgb or display-p3 pixels, got "rec2020"'],
    ['a length that disagrees', { data: new Uint8Array(2) }, '2 values are neither RGBA, RGB nor grey'],
    ['NaN as width', { width: Number.NaN }, 'expected a positive width and height, got NaN×1'],
    ['text as width', { width: '1' }, 'expected a positive width and height'],
    ['half a pixel', { height: 0.5, data: new Uint8Array(2) }, 'got 1×0.5'],
  ])('%s', (_, change, message) => {
    const given = { ...one(Uint8Array.of(1, 2, 3)), ...(change as object) };
    expect(() => takePixels(given)).toThrow(
      expect.objectContaining({ code: 'input', message: expect.stringContaining(message) }),
    );
  });
  test('memory that is gone', () => {
    const data = Uint8Array.of(1, 2, 3);
    structuredClone(data, { transfer: [data.buffer] });
    expect(() => takePixels(one(data))).toThrow('its memory is gone');
    expect(() => bytesOf(data)).toThrow('its memory is gone');
    expect(() => bytesOf(data.buffer)).toThrow('its memory is gone');
  });
});

test('bytes of every view are those that it shows, and shared ones are copied', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 32 }), (values) => {
      const shared = new SharedArrayBuffer(values.length);
      new Uint8Array(shared).set(values);
      const buffer = values.slice().buffer;
      for (const whole of [buffer, shared, new DataView(buffer), new Uint8Array(shared)]) {
        const bytes = bytesOf(whole)!;
        expect([...bytes]).toEqual([...values]);
        expect(bytes.buffer).toBeInstanceOf(ArrayBuffer);
      }
      expect([...bytesOf(new Uint16Array(buffer, 2, 3))!]).toEqual([...values.subarray(2, 8)]);
    }),
  );
  for (const other of [undefined, null, 7, 'text', {}, [1]]) expect(bytesOf(other)).toBeUndefined();
});
