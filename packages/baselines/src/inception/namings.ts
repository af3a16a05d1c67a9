import type { Naming, Rule } from '@atrous/graph';
import { type Layer, layersOf } from './layers.ts';
import { variants } from './variants.ts';

/** What torch code calls the stems' convolutions. */
const stems: Readonly<Record<string, readonly string[]>> = {
  stem1: ['1a', '2a', '2b'],
  stem2: ['3b', '4a'],
};

/** Names of Inception-v3's branches, by module. */
const branchesV3: readonly (readonly [RegExp, readonly string[]])[] = [
  [/5[bcd]/, ['1x1', '5x5', '3x3dbl', '_pool']],
  [/6a/, ['3x3', '3x3dbl']],
  [/6[bcde]/, ['1x1', '7x7', '7x7dbl', '_pool']],
  [/7a/, ['3x3', '7x7x3']],
  [/7[bc]/, ['1x1', '3x3', '3x3dbl', '_pool']],
];

/** `Mixed_5b.branch5x5_2` */
function torchV3({ module, branch, number, letter, count, kernel }: Layer): string {
  if (module in stems) return `Conv2d_${stems[module][number - 1]}_${kernel.join('x')}`;
  const [, names] = branchesV3.find(([pattern]) => pattern.test(module))!;
  const suffix = count === 1 ? '' : `_${number}${letter}`;
  return `${module.replace('m', 'M')}.branch${names[branch]}${suffix}`;
}

/** `branch1.2`, or `branch1` where it is all of the branch. */
const sequential = ({ branch, step, steps }: Layer): string =>
  `branch${branch}${steps > 1 ? `.${step}` : ''}`;

/** `features.6.branch1.0`: the stem's three convolutions count as modules; branches with a pair are not sequential. */
function torchV4(layer: Layer): string {
  const { module, moduleIndex, branch, number, letter, count } = layer;
  if (module === 'stem1') return `features.${number - 1}`;
  const features = `features.${moduleIndex + 2}`;
  if (module === 'mixed_3a' || module === 'mixed_5a') return `${features}.conv`;
  const endsInPair = /mixed_7[bcd]/.test(module) && count > 1 && branch < 3;
  if (endsInPair) return `${features}.branch${branch}_${number - 1}${letter}`;
  return `${features}.${sequential(layer)}`;
}

const repeats: Readonly<Record<string, string>> = { 35: 'repeat', 17: 'repeat_1', 8: 'repeat_2' };

/** `block17_3` is `repeat_1.2`; the last block stands alone. */
const repeated = (module: string): string =>
  module === 'block8_10'
    ? 'block8'
    : module.replace(/^block(\d+)_(\d+)$/, (_, size, n) => `${repeats[size]}.${Number(n) - 1}`);

/** `repeat.0.branch1.0` */
function torchResnet(layer: Layer): string {
  const { module, number } = layer;
  if (module in stems) return `conv2d_${stems[module][number - 1]}`;
  if (module === 'conv_7b') return 'conv2d_7b';
  return `${repeated(module)}.${sequential(layer)}`;
}

const torchNames: Readonly<Record<string, (layer: Layer) => string>> = {
  inception_v3: torchV3,
  inception_v4: torchV4,
  inception_resnet_v2: torchResnet,
};

const withoutIndex = (layer: string) => layer.replace(/@\d+/, '');

/** Rules that look a convolution up, `name` being what is said of it as [convolution, batch norm]. */
function lookup(names: ReadonlyMap<string, readonly [string, string]>): readonly Rule[] {
  const find = (index: 0 | 1) => (layer: string) => names.get(withoutIndex(layer))?.[index] ?? '';
  return [
    [/^encoder\/(.*conv\d[ab]?)\/batch_norm$/, find(1)],
    [/^encoder\/(.*conv\d[ab]?)$/, find(0)],
  ];
}

/** timm's `features_only` writes `features_3` for `features.3`. */
const flattened = (name: string): string =>
  name.startsWith('features.') ? `${name}|${name.replace('.', '_')}` : name;

function torch(variant: string): readonly Rule[] {
  const names = layersOf(variants[variant].modules).map((layer) => {
    const name = torchNames[variant](layer);
    return [layer.name, [flattened(`${name}.conv`), flattened(`${name}.bn`)]] as const;
  });
  return [
    [/^encoder\/(block\d+_\d+)@\d+\/projection$/, (module) => `${repeated(module)}.conv2d`],
    ...lookup(new Map(names)),
    [/^head$/, 'fc|last_linear|classif'],
  ];
}

/** Keras' nth unnamed layer of a class, counted from 1 as the files' readers do. */
const counted = (name: string, n: number) => `${name}#${n + 1}`;

function keras(variant: string): readonly Rule[] {
  const names = layersOf(variants[variant].modules).map(({ name, module }, i) => {
    const isNamed = module === 'conv_7b';
    const pair = isNamed
      ? ['conv_7b', 'conv_7b_bn']
      : [counted('conv2d', i), counted('batch_normalization', i)];
    return [name, pair as [string, string]] as const;
  });
  return [
    [/^encoder\/(block\d+_\d+)@\d+\/projection$/, '$1_conv'],
    ...lookup(new Map(names)),
    [/^head$/, 'predictions'],
  ];
}

const torchNaming: Naming = {
  layout: 'pytorch',
  signature: /^(Conv2d_1a_3x3|conv2d_1a|features[._]0)\.conv\.weight$/,
  rules: torch,
};

export const namings: Readonly<Record<string, Naming>> = {
  timm: torchNaming,
  /** Inception-v3 alone; its `AuxLogits` are for training. */
  torchvision: torchNaming,
  /** Inception-v4 and Inception-ResNet-v2, from where timm has them; the last layer is `last_linear`. */
  cadene: torchNaming,
  /** Layers are counted by class in the order of their creation, batch norms have no gamma; TensorFlow's average pools do not count their padding. */
  keras: {
    layout: 'keras',
    signature: /^conv2d#94\/kernel$/,
    rules: keras,
    defaults: { gamma: 1 },
    conventions: { countPadding: false },
  },
};
