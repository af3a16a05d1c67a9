import { type Golden, goldenWeights, loadGolden } from '@atrous/golden';
import type { WeightSource } from '@atrous/graph';
import { describe, expect, test } from 'vitest';
import { modelFromWeights } from './load.ts';
import { findSource, sources } from './sources/index.ts';

const golden: Golden = await loadGolden('timm-xception41-129-os16');
const weights = goldenWeights(golden);
const load = (given: WeightSource, options = {}) =>
  modelFromWeights(given, { network: 'xception41', ...options });

test('the source is recognised from the names', async () => {
  expect(findSource(weights).name).toBe('timm');
  expect(findSource(goldenWeights(await loadGolden('timm-xception-299'))).name).toBe('timm');
  const keras = await loadGolden('keras-deeplabv3plus-xception65-65x321-os16');
  expect(findSource(goldenWeights(keras)).name).toBe('keras-deeplab');
});

test('no two sources recognise the same file', async () => {
  const recognising = (names: readonly string[]) =>
    sources.filter(({ signature }) => names.some((name) => signature.test(name))).length;
  expect(recognising(weights.names)).toBe(1);
  expect(recognising(load(weights).weights.names)).toBe(1);
});

test('the class count comes from the checkpoint, and a number given must agree', () => {
  expect(load(weights).architecture.classes).toBe(1000);
  expect(() => load(weights, { options: { classes: 21 } })).toThrow(
    '21 classes asked for, but the checkpoint has 1000',
  );
});

test('counters, and a classifier under a headless network, are ignored and reported', () => {
  const counted = { ...weights, names: [...weights.names, 'stem.0.bn.num_batches_tracked'] };
  expect(load(counted, { options: { classes: 0 } }).ignored).toEqual([
    'head.fc.weight',
    'head.fc.bias',
    'stem.0.bn.num_batches_tracked',
  ]);
});

describe('weights that do not fit', () => {
  test('are all listed in one error', () => {
    const broken: WeightSource = {
      names: [
        ...weights.names.filter(
          (name) => !name.startsWith('blocks.3.shortcut') && name !== 'stem.0.bn.weight',
        ),
        'extra.weight',
      ],
      spec: (name) =>
        name === 'stem.1.conv.weight' ? { dtype: 'float32', shape: [64, 32, 5, 5] } : weights.spec(name),
      read: weights.read,
    };
    expect(() => load(broken)).toThrow(
      /read as timm.*xception41[\s\S]*1 missing:\s+stem\.0\.bn\.weight[\s\S]*1 misshaped:\s+stem\.1\.conv\.weight: expected \[64,32,3,3\], got float32\[64,32,5,5\][\s\S]*1 unexpected:\s+extra\.weight/,
    );
  });
  test('for want of a known name say whose names are known', () => {
    const foreign = { ...weights, names: ['model.0.weight'] };
    expect(() => load(foreign)).toThrow(/names \(model\.0\.weight\) are of none of the sources.*timm/);
    expect(() => load(weights, { source: 'caffe' })).toThrow(
      'unknown source "caffe": expected one of atrous,',
    );
  });
  test('for being another network list what is missing', () => {
    expect(() => load(weights, { network: 'xception65' })).toThrow(/missing:[\s\S]*blocks\.13/);
  });
});
