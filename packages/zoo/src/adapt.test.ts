import { type Golden, goldenWeights, loadGolden } from '@atrous/golden';
import { type WeightSource, weightShapes } from '@atrous/graph';
import { tensor } from '@atrous/tensor';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isReshaped } from './adapt.ts';
import { modelFromWeights } from './load.ts';

const golden: Golden = await loadGolden('timm-xception41-129-os16');
const weights = goldenWeights(golden);
const load = (given: WeightSource, options = {}) =>
  modelFromWeights(given, { network: 'xception41', ...options });

/** The same weights under other names, and in other shapes of as many numbers. */
function renamed(
  source: WeightSource,
  rename: (name: string) => string,
  reshape: (shape: readonly number[]) => readonly number[] = (shape) => shape,
): WeightSource {
  const theirs = new Map(source.names.map((name) => [rename(name), name]));
  return {
    names: [...theirs.keys()],
    spec(name) {
      const { dtype, shape } = source.spec(theirs.get(name)!);
      return { dtype, shape: reshape(shape) };
    },
    async read(name) {
      const { dtype, shape, data } = await source.read(theirs.get(name)!);
      return tensor(dtype, reshape(shape), data);
    },
  };
}

test('the class count comes from the checkpoint, and a number given must agree', async () => {
  expect((await load(weights)).architecture.classes).toBe(1000);
  await expect(load(weights, { options: { classes: 21 } })).rejects.toThrow(
    '21 classes asked for, but the checkpoint has 1000',
  );
});

test('counters, and a classifier under a headless network, are ignored and reported', async () => {
  const counted = { ...weights, names: [...weights.names, 'stem.0.bn.num_batches_tracked'] };
  expect((await load(counted, { options: { classes: 0 } })).ignored).toEqual([
    'head.fc.weight',
    'head.fc.bias',
    'stem.0.bn.num_batches_tracked',
  ]);
});

describe('weights that do not fit', () => {
  test('are all listed in one error', async () => {
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
    await expect(load(broken)).rejects.toThrow(
      /read as timm.*xception41[\s\S]*1 missing:\s+stem\.0\.bn\.weight[\s\S]*1 misshaped:\s+stem\.1\.conv\.weight: expected \[64,32,3,3\], got float32\[64,32,5,5\][\s\S]*1 unexpected:\s+extra\.weight/,
    );
  });
  test('for want of a known name say whose names are known', async () => {
    const foreign = { ...weights, names: ['model.0.weight'] };
    await expect(load(foreign)).rejects.toThrow(
      /names \(model\.0\.weight\) are of none of the sources[\s\S]*timm/,
    );
    await expect(load(weights, { source: 'caffe' })).rejects.toThrow(
      'unknown source "caffe": expected one of atrous,',
    );
  });
  test('for being another network list what is missing', async () => {
    await expect(load(weights, { network: 'xception65' })).rejects.toThrow(/missing:[\s\S]*blocks[._]13/);
  });
});

describe('what is wrapped around the names', () => {
  test.each(['module.', 'model.', '_orig_mod.', 'state_dict.model.', 'net.backbone.'])(
    '%s is found and reported',
    async (wrapper) => {
      const found = await modelFromWeights(renamed(weights, (name) => wrapper + name));
      expect(found).toMatchObject({ wrapper, source: 'timm', ignored: [] });
      const key = 'encoder/entry_flow/conv1/kernel';
      expect(await found.weights.read(key)).toEqual(await (await load(weights)).weights.read(key));
    },
  );

  test('of two copies the average over the training is taken, and the other one left', async () => {
    const both: WeightSource = {
      names: ['state_dict.', 'state_dict_ema.'].flatMap((root) => weights.names.map((name) => root + name)),
      spec: (name) => weights.spec(name.replace(/^state_dict(_ema)?\./, '')),
      read: weights.read,
    };
    const { wrapper, ignored, used } = await modelFromWeights(both);
    expect(wrapper).toBe('state_dict_ema.');
    expect(ignored).toHaveLength(used);
  });

  test("features_only's names of a timm network are timm's", async () => {
    const flat = renamed(weights, (name) => name.replace(/^(blocks|stem)\./, '$1_'));
    const { source, architecture } = await modelFromWeights(flat);
    expect([source, architecture.encoder.variant]).toEqual(['timm', 'xception41']);
  });
});

describe('Chollet’s network', async () => {
  const legacy = goldenWeights(await loadGolden('timm-xception-299'));
  const key = 'encoder/middle_flow/block3/conv2/pointwise/kernel';

  test('as Cadene has it: pointwise kernels squeezed, `last_linear`', async () => {
    const squeezed = renamed(
      legacy,
      (name) => name.replace(/^fc\./, 'last_linear.'),
      (shape) => (shape.length === 4 && shape[2] === 1 ? shape.slice(0, 2) : shape),
    );
    const found = await modelFromWeights(squeezed);
    expect(found.ignored).toEqual([]);
    expect(await found.weights.read(key)).toEqual(await (await modelFromWeights(legacy)).weights.read(key));
  });

  test('in a wrapper of somebody’s detector', async () => {
    const detector = renamed(legacy, (name) => `backbone.${name.replace(/^fc\./, 'last_linear.')}`);
    expect(await modelFromWeights(detector)).toMatchObject({ wrapper: 'backbone.', source: 'timm' });
  });
});

test("Keras' unnamed layers are counted from wherever their process had counted to", async () => {
  const keras = goldenWeights(await loadGolden('keras-xception-299'));
  const later = renamed(keras, (name) =>
    name.replace(/^(conv2d|batch_normalization)(?:_(\d+))?\//, (_, layer, counter = '0') => {
      return `${layer}_${Number(counter) + 97}/`;
    }),
  );
  const key = 'encoder/exit_flow/block1/shortcut/kernel';
  const found = await modelFromWeights(later);
  expect(found.ignored).toEqual([]);
  expect(await found.weights.read(key)).toEqual(await (await modelFromWeights(keras)).weights.read(key));
});

test('our own names are recognised without a config, whichever family they are of', async () => {
  for (const name of ['timm-resnet50-97x129-os16', 'timm-mobilenetv2_100-97x129-os16'] as const) {
    const original = await modelFromWeights(goldenWeights(await loadGolden(name)));
    const again = await modelFromWeights(original.weights);
    expect(again).toMatchObject({ source: 'atrous', ignored: [] });
    expect(again.architecture.head).toBe(original.architecture.head);
    expect(again.architecture.encoder.variant).toBe(original.architecture.encoder.variant);
    expect(weightShapes(again.graph)).toEqual(weightShapes(original.graph));
  }
});

test('a shape is another one where neighbours are merged or ones left out, and only there', () => {
  expect(isReshaped([4096, 25_088], [4096, 512, 7, 7])).toBe(true);
  expect(isReshaped([128, 64], [128, 64, 1, 1])).toBe(true);
  expect(isReshaped([1, 1, 2048, 1001], [2048, 1001])).toBe(true);
  expect(isReshaped([64, 128], [128, 64])).toBe(false);
  expect(isReshaped([6, 4], [4, 6, 1])).toBe(false);
  const shape = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(shape, fc.nat(3), (expected, at) => {
      const [before, after] = [expected.slice(0, at), expected.slice(at)];
      const merged = after.length > 1 ? [...before, after[0] * after[1], ...after.slice(2)] : expected;
      expect(isReshaped(merged, expected)).toBe(true);
      expect(isReshaped([...before, 1, ...after], expected)).toBe(true);
      expect(isReshaped([...expected, 7], expected)).toBe(false);
    }),
  );
});
