import { goldenWeights, loadGolden } from '@atrous/golden';
import type { WeightSource } from '@atrous/graph';
import { describe, expect, test } from 'vitest';
import { networkName, outputStrideOf } from './architecture.ts';
import { loadFamilies } from './families.ts';
import { rootsOf } from './names.ts';
import type { Known } from './read_as.ts';
import { recognise } from './recognise.ts';
import { sourceNamed } from './sources/index.ts';
import { namedWeights, renamed, slimMobileClassifier, slimMobileHead, slimMobileNet } from './test_names.ts';

const families = await loadFamilies();
const recognised = (weights: WeightSource, known: Partial<Known> = {}) => {
  const found = recognise(weights, { families, ...known });
  return { ...found, source: found.source.name, network: networkName(found.architecture) };
};
const golden = async (name: Parameters<typeof loadGolden>[0]) => goldenWeights(await loadGolden(name));

describe("TF-slim's MobileNetV2", () => {
  test('under a DeepLab ends before its last convolution', () => {
    const found = recognised(namedWeights([...slimMobileNet(), ...slimMobileHead]));
    expect(found).toMatchObject({
      source: 'tensorflow-deeplab',
      network: 'deeplabv3-mobilenetv2_100',
      ignored: [],
    });
    expect(found.architecture).toMatchObject({ classes: 21, aspp: { rates: [] } });
  });

  test('as a classifier has it', () => {
    const found = recognised(namedWeights([...slimMobileNet(), ...slimMobileClassifier]));
    expect(found).toMatchObject({ source: 'tensorflow-deeplab', network: 'mobilenetv2_100', ignored: [] });
    expect(found.architecture.classes).toBe(1001);
  });

  test('is read from the averages over the training where there are some', async () => {
    const plain = [...slimMobileNet(), ...slimMobileHead];
    const averages = plain
      .filter(([name]) => !name.includes('moving_'))
      .map(([name, shape]) => [`${name}/ExponentialMovingAverage`, shape] as const);
    const found = recognised(namedWeights([...plain, ...averages]));
    expect(found.used).toBe(plain.length);
    expect(found.ignored).toEqual(plain.map(([name]) => name).filter((name) => !name.includes('moving_')));
    await expect(found.weights.read('classifier/bias')).rejects.toThrow('biases/ExponentialMovingAverage');
    await expect(found.weights.read('encoder/stem/batch_norm/mean')).rejects.toThrow(
      'BatchNorm/moving_mean is',
    );
  });
});

describe("timm's xception71", () => {
  const among = { families: families.filter(({ name }) => name === 'xception') };
  /** timm's names of xception71 out of xception65's: five blocks in the entry flow, the widths of three other. */
  async function xception71(): Promise<[string, readonly number[]][]> {
    const weights = await golden('timm-xception65-129-os16');
    const of = (block: number) => weights.names.filter((name) => name.startsWith(`blocks.${block}.`));
    const wide = (shape: readonly number[], from: number, to: number) =>
      shape.map((extent) => (extent === from ? to : extent));
    const moved = (block: number, to: number) =>
      of(block).map((name): [string, readonly number[]] => [
        name.replace(`blocks.${block}.`, `blocks.${to}.`),
        weights.spec(name).shape,
      ]);
    const same256 = moved(1, 2).map(([name, shape]): [string, readonly number[]] => [
      name,
      wide(shape, 128, 256),
    ]);
    const same728 = moved(2, 4).map(([name, shape]): [string, readonly number[]] => [
      name,
      wide(shape, 256, 728),
    ]);
    const rest = Array.from({ length: 18 }, (_, i) => moved(i + 3, i + 5)).flat();
    const outside = weights.names.filter((name) => !name.startsWith('blocks.'));
    return [
      ...outside.map((name): [string, readonly number[]] => [name, weights.spec(name).shape]),
      ...moved(0, 0),
      ...moved(1, 1),
      ...same256,
      ...moved(2, 3),
      ...same728,
      ...rest,
    ];
  }

  test('has a projection less where it was made at output stride 8', async () => {
    const whole = await xception71();
    const fewer = whole.filter(([name]) => !name.startsWith('blocks.4.shortcut.'));
    for (const outputStride of [8, 16, 32] as const) {
      const found = recognised(namedWeights(whole), { ...among, options: { outputStride } });
      expect(found).toMatchObject({ network: 'xception71', ignored: [] });
    }
    const found = recognised(namedWeights(fewer), { ...among, options: { outputStride: 8 } });
    expect(found).toMatchObject({ network: 'xception71', ignored: [] });
    expect(() => recognised(namedWeights(fewer), { ...among, options: { outputStride: 16 } })).toThrow(
      'blocks.4.shortcut.conv.weight',
    );
  });
});

describe("timm's `features_only` names", () => {
  test('Inception-v4', async () => {
    const weights = await golden('timm-inception_v4-107x123');
    const flat = renamed(weights, (name) =>
      name.startsWith('features.') ? name.replace('features.', 'features_') : undefined,
    );
    expect(recognised(flat)).toMatchObject({ source: 'timm', network: 'inception_v4', ignored: [] });
  });
});

test("smp's pre-activated Xceptions hand on what their last ReLU would have seen", async () => {
  const head = await golden('smp-deeplabv3plus-tu-xception65-96x128-os16');
  const encoder = await golden('timm-xception41p-129-os16');
  const found = recognised(
    namedWeights([
      ...head.names.flatMap((name) =>
        name.startsWith('encoder.') ? [] : [[name, head.spec(name).shape] as const],
      ),
      ...encoder.names.flatMap((name) =>
        name.startsWith('head.') ? [] : [[`encoder.model.${name}`, encoder.spec(name).shape] as const],
      ),
    ]),
  );
  expect(found).toMatchObject({ source: 'smp', network: 'deeplabv3plus-xception41p', ignored: [] });
  const last = found.graph.nodes.find(({ name }) => name === found.graph.endpoints.features);
  expect(last?.op.kind).toBe('conv2d');
});

describe('of equal readings', () => {
  test('averages over the training come before the last values, counters and all', async () => {
    const weights = await golden('timm-resnet50-97x129-os16');
    const plain = [
      ...weights.names.map((name) => [name, weights.spec(name).shape] as const),
      ['bn1.num_batches_tracked', []] as const,
    ];
    const under = (root: string) => plain.map(([name, shape]) => [root + name, shape] as const);
    const found = recognised(namedWeights([...under('state_dict.'), ...under('state_dict_ema.')]));
    expect(found).toMatchObject({ source: 'timm', wrapper: 'state_dict_ema.' });
    expect(found.alsoFits).toContainEqual({
      source: 'timm',
      network: 'resnet50',
      wrapper: 'state_dict.',
      differs: true,
    });
  });

  test('the one that explains what is left over is taken', async () => {
    const weights = await golden('timm-inception_v3-147x139');
    expect(recognised(weights)).toMatchObject({ source: 'timm' });
    const withAuxiliary = namedWeights([
      ...weights.names.map((name) => [name, weights.spec(name).shape] as const),
      ['AuxLogits.fc.bias', [1000]],
    ]);
    const found = recognised(withAuxiliary);
    expect(found).toMatchObject({ source: 'torchvision', ignored: ['AuxLogits.fc.bias'], alsoFits: [] });
    expect(found.encoder.pixels).toBe('half');
  });

  test('the others are told, and whether they compute something else', async () => {
    const resnet = recognised(await golden('timm-resnet50-97x129-os16'));
    expect(resnet.alsoFits).toEqual([
      { source: 'torchvision', network: 'resnet50', wrapper: '', differs: false },
    ]);
    const unique = recognised(await golden('timm-xception41-129-os16'));
    expect(unique.alsoFits).toEqual([]);
  });
});

test("timm's names of TensorFlow's MobileNetV3 are those of its own, which is told", async () => {
  const keras = await golden('torchvision-deeplabv3_mobilenet_v3_large-65x97');
  // The same layers under timm's names: what the rules of the naming say of ours.
  const ours = recognised(keras);
  const named = timmNames(ours.weights);
  const found = recognised(named);
  expect(found).toMatchObject({ source: 'timm', network: 'mobilenetv3_large_100' });
  expect(found.alsoFits).toEqual([
    { source: 'timm-tf', network: 'mobilenetv3_large_100', wrapper: '', differs: true },
  ]);
  const asked = recognised(named, { source: sourceNamed('timm-tf') });
  expect(asked.architecture.encoder.options).toEqual({ padding: 'same', epsilon: 1e-3 });
});

/** Our MobileNetV3-Large's encoder as timm writes it. */
function timmNames(weights: WeightSource): WeightSource {
  const leaves: Readonly<Record<string, string>> = {
    kernel: 'weight',
    gamma: 'weight',
    beta: 'bias',
    bias: 'bias',
    mean: 'running_mean',
    variance: 'running_var',
  };
  const separable: Readonly<Record<string, string>> = {
    depthwise: 'conv_dw',
    'depthwise/batch_norm': 'bn1',
    project: 'conv_pw',
    'project/batch_norm': 'bn2',
  };
  const inverted: Readonly<Record<string, string>> = {
    expand: 'conv_pw',
    'expand/batch_norm': 'bn1',
    depthwise: 'conv_dw',
    'depthwise/batch_norm': 'bn2',
    'squeeze_excite/reduce': 'se.conv_reduce',
    'squeeze_excite/expand': 'se.conv_expand',
    project: 'conv_pwl',
    'project/batch_norm': 'bn3',
  };
  const loose: Readonly<Record<string, string>> = {
    stem: 'conv_stem',
    'stem/batch_norm': 'bn1',
    last: 'blocks.6.0.conv',
    'last/batch_norm': 'blocks.6.0.bn1',
  };
  const layerName = (layer: string): string | undefined => {
    const [, stage, block, part] = /^stage(\d)\/block(\d)\/(.*)$/.exec(layer) ?? [];
    if (!part) return loose[layer];
    const names = stage === '1' ? separable : inverted;
    return `blocks.${Number(stage) - 1}.${Number(block) - 1}.${names[part]}`;
  };
  return namedWeights(
    weights.names.flatMap((name) => {
      const [, layer, leaf] = /^encoder\/(.*)\/(\w+)$/.exec(name) ?? [];
      const theirs = layer && layerName(layer);
      if (!theirs) return [];
      const { shape } = weights.spec(name);
      const [h, w, from, to = 1] = shape;
      const isKernel = leaf === 'kernel';
      const turned = shape.length === 4 ? [to, from, h, w] : [from, 1, h, w];
      return [[`${theirs}.${leaves[leaf]}`, isKernel ? turned : shape] as const];
    }),
  );
}

test("a source's own output stride stands where none is asked for", async () => {
  const deeplab = await golden('smp-deeplabv3plus-resnet50-96x128-os16');
  expect(outputStrideOf(recognised(deeplab).architecture)).toBe(16);
  const { heads } = sourceNamed('smp');
  expect(heads.find(({ head }) => head === 'deeplabv3')?.options?.outputStride).toBe(8);
});

test('averages over the training are taken for what they are by a whole word alone', () => {
  const names = ['ema.conv.weight', 'a.conv.weight', 'semantic.conv.weight'];
  expect(rootsOf(names, /^conv\.weight$/, '')).toEqual(['ema.', 'a.', 'semantic.']);
  const shorter = ['semantic.conv.weight', 'segment.conv.weight'];
  expect(rootsOf(shorter, /^conv\.weight$/, '')).toEqual(['segment.', 'semantic.']);
});
