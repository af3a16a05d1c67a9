import { expect, test } from 'vitest';
import { viewBytes } from './dtype.ts';
import { checkFeeds } from './session.ts';
import { describeSpec, tensor } from './tensor.ts';

test('a tensor is checked when it is made', () => {
  expect(tensor('float32', [2, 3]).data.length).toBe(6);
  expect(() => tensor('float32', [2, 3], new Float32Array(5))).toThrow('float32[2,3] has 6 elements, got 5');
  expect(() => tensor('float32', [2], new Uint8Array(2) as never)).toThrow('cannot be held in Uint8Array');
  expect(() => tensor('int8', [1.5])).toThrow('expected whole numbers');
});

test('free dimensions print as question marks', () => {
  expect(describeSpec({ dtype: 'uint8', shape: [null, 4] })).toBe('uint8[?,4]');
});

test('feeds are checked against ports', () => {
  const inputs = { image: { dtype: 'float32', shape: [null, null, null, 3] } } as const;
  expect(() => checkFeeds(inputs, { image: tensor('float32', [1, 2, 2, 3]) })).not.toThrow();
  expect(() => checkFeeds(inputs, {})).toThrow('feed "image" is missing');
  expect(() => checkFeeds(inputs, { images: tensor('float32', [1, 2, 2, 3]) })).toThrow(
    'unknown feed "images"',
  );
  expect(() => checkFeeds(inputs, { image: tensor('float32', [1, 2, 2, 4]) })).toThrow(
    'expected float32[?,?,?,3], got float32[1,2,2,4]',
  );
  expect(() => checkFeeds(inputs, { image: tensor('float32', [1, 0, 2, 3]) })).toThrow('is empty');
});

test('bytes that do not lie on a boundary are copied', () => {
  const bytes = new Uint8Array(9);
  new DataView(bytes.buffer).setFloat32(1, 1.5, true);
  expect([...viewBytes('float32', bytes.subarray(1, 5))]).toEqual([1.5]);
  expect(() => viewBytes('float32', bytes.subarray(0, 5))).toThrow('5 bytes are not a multiple of 4');
});
