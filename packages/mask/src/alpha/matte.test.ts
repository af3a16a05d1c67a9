import { tensor } from '@atrous/tensor';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alphaRows, cutOutRows, softCutOut } from './cut_out.ts';
import { matteOf } from './matte.ts';
import { classProbability, labelProbability, type Probability } from './probability.ts';
import { randomNumbers, sceneOf } from './test_scenes.ts';

const scenes = fc
  .record({
    seed: fc.nat(),
    width: fc.integer({ min: 1, max: 70 }),
    height: fc.integer({ min: 1, max: 70 }),
    channels: fc.constantFrom(1 as const, 3 as const, 4 as const),
    across: fc.integer({ min: 1, max: 12 }),
    down: fc.integer({ min: 1, max: 12 }),
    resize: fc.constantFrom('half-pixel' as const, 'align-corners' as const, 'asymmetric' as const),
  })
  .map(({ seed, width, height, channels, across, down, resize }) => {
    const random = randomNumbers(seed);
    const data = Uint8Array.from({ length: width * height * channels }, () => random() * 256);
    const levels = Float32Array.from({ length: across * down }, () => random() ** 2);
    const probability: Probability = { width: across, height: down, data: levels, resize };
    return { picture: { width, height, channels, data }, probability };
  });

test('noise of any size: the same bits each time, strip by strip or as a whole; alpha is at most the picture’s', () => {
  fc.assert(
    fc.property(scenes, fc.integer({ min: 1, max: 9 }), ({ picture, probability }, strip) => {
      const { width, height, channels, data } = picture;
      const whole = softCutOut(picture, probability).data;
      const matte = matteOf(picture, probability);
      const alpha = alphaRows(matte, 0, height);
      // where all is one side, there are no colours of the other, and nobody asks
      if (matte.knowledge.state.includes(2)) expect(matte.models.every(Number.isFinite)).toBe(true);
      for (let from = 0; from < height; from += strip) {
        const rows = cutOutRows(matte, from, Math.min(strip, height - from));
        expect(rows).toEqual(whole.subarray(4 * from * width, 4 * from * width + rows.length));
      }
      if (channels === 4) {
        const own = matteOf({ width, height, data: data.slice() }, probability);
        for (let from = 0; from < height; from += strip)
          own.picture.data.set(cutOutRows(own, from, Math.min(strip, height - from)), 4 * from * width);
        expect(own.picture.data).toEqual(Uint8Array.from(whole));
      }
      for (let i = 0; i < width * height; i++) {
        expect(whole[4 * i + 3]).toBe(alpha[i]);
        if (channels === 4) expect(alpha[i]).toBeLessThanOrEqual(data[4 * i + 3]);
        if (alpha[i] === 0) expect(whole[4 * i] + whole[4 * i + 1] + whole[4 * i + 2]).toBe(0);
      }
    }),
    { numRuns: 25 },
  );
});

/** A rectangle of one colour on another, and a network that has its samples right. */
function rectangle(channels: 1 | 3 | 4, block: number) {
  const [width, height] = [160 * block, 128 * block];
  const isIn = (x: number, y: number) => x >= 0.25 && x < 0.75 && y >= 0.25 && y < 0.75;
  const data = new Uint8Array(width * height * channels).fill(255);
  const mask = new Uint8Array(width * height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      mask[i] = isIn(x / width, y / height) ? 1 : 0;
      for (let c = 0; c < Math.min(3, channels); c++) data[i * channels + c] = mask[i] ? 200 : 40;
    }
  const sample = (_: unknown, i: number) =>
    isIn(((i % 40) + 0.5) / 40, (Math.floor(i / 40) + 0.5) / 32) ? 0.97 : 0.03;
  const probability = Float32Array.from({ length: 40 * 32 }, sample);
  return {
    picture: { width, height, data },
    mask,
    probability: { width: 40, height: 32, data: probability, resize: 'half-pixel' as const },
  };
}

test.each([1, 3, 4] as const)('a clean edge of a picture of %i channels stays where it is', (channels) => {
  for (const block of [1, 2, 4]) {
    const { picture, mask, probability } = rectangle(channels, block);
    const alpha = alphaRows(matteOf(picture, probability), 0, picture.height);
    const wrong = alpha.filter((value, i) => value !== 255 * mask[i]).length;
    // next to the edge, a block's worth of pixels may be partly covered
    expect(wrong / alpha.length).toBeLessThan(0.05);
    expect(alpha.every((value, i) => value > 127 === (mask[i] === 1))).toBe(true);
  }
});

test('away from edges alpha is 255 or 0, exactly, and the colours are the picture’s', () => {
  const { picture, alpha, probability } = sceneOf(5, { width: 320, height: 320 });
  const cut = softCutOut(picture, probability).data;
  const [head, corner] = [160 + 150 * 320, 10 + 10 * 320];
  for (let d = -10; d <= 10; d++) {
    const [i, o] = [head + d * 321, corner + d * 321 - (d < 0 ? d * 321 : 0)];
    expect(alpha[i]).toBe(1);
    expect([...cut.subarray(4 * i, 4 * i + 4)]).toEqual([...picture.data.subarray(3 * i, 3 * i + 3), 255]);
    expect([...cut.subarray(4 * o, 4 * o + 4)]).toEqual([0, 0, 0, 0]);
  }
});

test('specks go and holes are filled, by their size', () => {
  const { picture, probability } = rectangle(3, 2);
  const data = probability.data.slice();
  data[16 * 40 + 20] = 0; // a hole of one sample among 320
  data[3 * 40 + 4] = 1; // a speck
  const alpha = alphaRows(matteOf(picture, { ...probability, data }), 0, picture.height);
  const at = (x: number, y: number) => alpha[(8 * y + 4) * picture.width + 8 * x + 4];
  expect([at(20, 16), at(4, 3)]).toEqual([255, 0]);
  for (const y of [15, 16]) for (const x of [19, 20]) data[y * 40 + x] = 0; // larger: it is a hole
  const holed = matteOf(picture, { ...probability, data });
  expect(holed.knowledge.state.filter((state) => state === 2).length).toBeGreaterThan(
    matteOf(picture, probability).knowledge.state.filter((state) => state === 2).length,
  );
});

test('all and nothing are all and nothing', () => {
  const { picture, probability } = rectangle(3, 1);
  for (const [value, expected] of [
    [1, 255],
    [0, 0],
  ]) {
    const matte = matteOf(picture, { ...probability, data: probability.data.slice().fill(value) });
    expect(alphaRows(matte, 0, picture.height).every((alpha) => alpha === expected)).toBe(true);
  }
});

test('the probability of some classes is the sum of their softmax', () => {
  const logits = tensor('float32', [1, 1, 2, 3], Float32Array.of(0, Math.log(2), Math.log(5), 900, 0, -900));
  const { data, width, height } = classProbability(logits, [0, 2], 'half-pixel');
  expect([width, height]).toEqual([2, 1]);
  expect(data[0]).toBeCloseTo(6 / 8, 6);
  expect(data[1]).toBe(1);
  expect(() => classProbability(tensor('float32', [2, 3]), [0], 'half-pixel')).toThrow('[1,h,w,classes]');
});

test('out of labels and confidence: means over blocks', () => {
  const labels = { width: 320, height: 2, data: new Uint8Array(640) };
  labels.data.set([1, 1, 3, 1]);
  const confidence = new Float32Array(640).fill(0.75);
  expect(labelProbability(labels, [1, 3]).data.subarray(0, 3)).toEqual(Float32Array.of(0.5, 0.5, 0));
  expect(labelProbability(labels, [1], confidence).data.subarray(0, 3)).toEqual(
    Float32Array.of(0.5, 0.375, 0.25),
  );
  expect(() => labelProbability(labels, [1], confidence.subarray(1))).toThrow('639 confidences');
});

test('what is no picture, or does not fill its size, is an error', () => {
  const { picture, probability } = rectangle(3, 1);
  expect(() => matteOf({ ...picture, width: 100 }, probability)).toThrow('expected grey, RGB or RGBA bytes');
  expect(() => matteOf(picture, { ...probability, width: 41 })).toThrow('41×32');
});
