import { describe, expect, test } from 'vitest';
import { int8Fact, withLoss } from './int8.mjs';

const measured = (int8, sameLabels = 0.995) => ({
  pictures: 1200,
  weights: 'float16',
  miou: { float32: 0.54, int8 },
  sameLabels,
});
const config = { name: 'street', weights: { files: [] }, data: 'CamVid' };

describe('what 8 bits cost', () => {
  test('goes into the config behind the weights, rounded, and replaces what was there', () => {
    const written = withLoss(
      { ...config, compute: { int8: { auto: false } } },
      measured(0.53812, 0.99512345),
    );
    expect(Object.keys(written)).toEqual(['name', 'weights', 'compute', 'data']);
    expect(written.compute).toEqual({ int8: { auto: true, miou: -0.19, sameLabels: 0.9951 } });
  });

  test.each([
    ['0.3 points of mean IoU', measured(0.537), true],
    ['more', measured(0.5369), false],
    ['a gain', measured(0.55), true],
    ['1 % of labels', measured(0.54, 0.99), true],
    ['more labels', measured(0.54, 0.9899), false],
  ])('%s: `auto` takes 8 bits, or does not', (_what, loss, auto) => {
    expect(withLoss(config, loss).compute.int8.auto).toBe(auto);
  });

  test('is a fact of the card', () => {
    const loss = measured(0.538);
    expect(int8Fact(withLoss(config, loss), loss)).toBe(
      "mean IoU 53.8 % against 54.0 % in float32 (−0.20 points), 99.50 % of labels the same, on 1,200 test pictures with the weights in float16; `compute: 'auto'` takes it",
    );
    expect(int8Fact(config, undefined)).toBeUndefined();
  });

  test('is measured anew where the config says something else', () => {
    expect(() => int8Fact(config, measured(0.538))).toThrow('run scripts/int8_loss.ts');
    expect(() => int8Fact(withLoss(config, measured(0.539)), measured(0.538))).toThrow('differ');
  });
});
