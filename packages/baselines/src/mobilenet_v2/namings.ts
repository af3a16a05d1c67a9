import type { Naming, Rule } from '@atrous/graph';

/** Of a block: its index in the network, its layer's name, and what stands there for batch norms. */
type LayerName = (block: number, layer: Layer, isNorm: boolean) => string;
type Layer = 'expand' | 'depthwise' | 'project';

/** Rules for the blocks from a function of the block's index. */
function blockRules(name: LayerName): Rule[] {
  const layer = /^encoder\/stage\d\/block\d@(\d+)\/(expand|depthwise|project)$/;
  const norm = /^encoder\/stage\d\/block\d@(\d+)\/(expand|depthwise|project)\/batch_norm$/;
  return [
    [layer, (block, part) => name(Number(block), part as Layer, false)],
    [norm, (block, part) => name(Number(block), part as Layer, true)],
  ];
}

/** A layer's place in its block: the first block has no expansion. */
const placeOf = (block: number, layer: Layer): number =>
  ['expand', 'depthwise', 'project'].indexOf(layer) - (block === 0 ? 1 : 0);

/** torchvision: convolution, batch norm and ReLU6 in a unit of their own, the projection and its batch norm loose. */
const inTorchvisionBlock: LayerName = (block, layer, isNorm) => {
  const place = placeOf(block, layer);
  return layer === 'project' ? `conv.${place + (isNorm ? 1 : 0)}` : `conv.${place}.${isNorm ? 1 : 0}`;
};

/** Older copies: convolution, batch norm and ReLU6 one after the other. */
const inFlatBlock: LayerName = (block, layer, isNorm) =>
  `conv.${3 * placeOf(block, layer) + (isNorm ? 1 : 0)}`;

/** PyTorch: all in one list, which some cut in two after the low-level features. */
function listed(inBlock: LayerName, list: (index: number) => string): Rule[] {
  return [
    [/^encoder\/stem$/, `${list(0)}.0.0`],
    [/^encoder\/stem\/batch_norm$/, `${list(0)}.0.1`],
    ...blockRules(
      (block, layer, isNorm) => `${list(block + 1)}.${block + 1}.${inBlock(block, layer, isNorm)}`,
    ),
    [/^encoder\/last@\d+$/, `${list(18)}.18.0`],
    [/^encoder\/last@\d+\/batch_norm$/, `${list(18)}.18.1`],
    [/^head$/, 'classifier.1'],
  ];
}

const torchvision = listed(inTorchvisionBlock, () => 'features');
const flat = listed(inFlatBlock, () => 'features');
/** Cut in two after the low-level features; indices go on counting. */
const halves = (index: number) => (index < 4 ? 'low_level_features' : 'high_level_features');
const vainf = listed(inTorchvisionBlock, halves);
/** jfzhang95's files have every weight in `features` too. */
const jfzhang95 = listed(inFlatBlock, halves);

/** timm: stages and blocks; the first block is a depthwise separable convolution. */
const timm: readonly Rule[] = [
  [/^encoder\/stem$/, 'conv_stem'],
  [/^encoder\/stem\/batch_norm$/, 'bn1'],
  [/^encoder\/stage1\/block1@\d+\/depthwise$/, 'blocks.0.0.conv_dw'],
  [/^encoder\/stage1\/block1@\d+\/depthwise\/batch_norm$/, 'blocks.0.0.bn1'],
  [/^encoder\/stage1\/block1@\d+\/project$/, 'blocks.0.0.conv_pw'],
  [/^encoder\/stage1\/block1@\d+\/project\/batch_norm$/, 'blocks.0.0.bn2'],
  [
    /^encoder\/stage(\d)\/block(\d)@\d+\/(expand|depthwise|project)(\/batch_norm)?$/,
    (stage, block, layer, norm) =>
      `blocks.${Number(stage) - 1}.${Number(block) - 1}.${timmLayer(layer, norm)}`,
  ],
  [/^encoder\/last@\d+$/, 'conv_head'],
  [/^encoder\/last@\d+\/batch_norm$/, 'bn2'],
  [/^head$/, 'classifier'],
];

function timmLayer(layer: string, norm: string | undefined): string {
  const names: Record<string, readonly [string, string]> = {
    expand: ['conv_pw', 'bn1'],
    depthwise: ['conv_dw', 'bn2'],
    project: ['conv_pwl', 'bn3'],
  };
  return names[layer][norm ? 1 : 0];
}

const kerasBlock: LayerName = (block, layer, isNorm) =>
  `${block === 0 ? 'expanded_conv' : `block_${block}`}_${layer}${isNorm ? '_BN' : ''}`;

const keras: readonly Rule[] = [
  [/^encoder\/stem$/, 'Conv1'],
  [/^encoder\/stem\/batch_norm$/, 'bn_Conv1'],
  ...blockRules(kerasBlock),
  [/^encoder\/last@\d+$/, 'Conv_1'],
  [/^encoder\/last@\d+\/batch_norm$/, 'Conv_1_bn'],
  [/^head$/, 'predictions'],
];

/** TF-slim counts all blocks alike, and gives the first no number. */
const slimBlock = (block: number) => (block === 0 ? 'expanded_conv' : `expanded_conv_${block}`);

const bonlime: readonly Rule[] = [
  [/^encoder\/stem$/, 'Conv'],
  [/^encoder\/stem\/batch_norm$/, 'Conv_BN'],
  ...blockRules((block, layer, isNorm) => `${slimBlock(block)}_${layer}${isNorm ? '_BN' : ''}`),
];

const slim: readonly Rule[] = [
  [/^encoder\/stem$/, 'MobilenetV2/Conv'],
  [/^encoder\/stem\/batch_norm$/, 'MobilenetV2/Conv/BatchNorm'],
  ...blockRules((block, layer, isNorm) => {
    const name = `MobilenetV2/${slimBlock(block)}/${layer}`;
    if (isNorm) return `${name}/BatchNorm`;
    return layer === 'depthwise' ? `${name}/depthwise_%` : name;
  }),
  [/^encoder\/last@\d+$/, 'MobilenetV2/Conv_1'],
  [/^encoder\/last@\d+\/batch_norm$/, 'MobilenetV2/Conv_1/BatchNorm'],
  [/^head$/, 'MobilenetV2/Logits/Conv2d_1c_1x1'],
];

const tensorflow = { padding: { stem: 'same', blocks: 'same' }, epsilon: 1e-3 };

export const namings: Readonly<Record<string, Naming>> = {
  torchvision: {
    layout: 'pytorch',
    signature: /^features\.1\.conv\.0\.0\.weight$/,
    rules: () => torchvision,
  },
  /** segmentation_models.pytorch: torchvision's network, whole stages of it dilated. */
  smp: {
    layout: 'pytorch',
    signature: /^features\.1\.conv\.0\.0\.weight$/,
    rules: () => torchvision,
    conventions: { dilateFrom: 'same-block' },
  },
  timm: { layout: 'pytorch', signature: /^conv_head\.weight$/, rules: () => timm },
  /** timm's `features_only` ends before `conv_head`. */
  'timm-features': {
    layout: 'pytorch',
    signature: /^blocks\.6\.0\.conv_pwl\.weight$/,
    rules: () => timm,
    conventions: { lastConv: false },
  },
  vainf: {
    layout: 'pytorch',
    signature: /^low_level_features\.1\.conv\.0\.0\.weight$/,
    rules: () => vainf,
    conventions: { lastConv: false, padding: { stem: 'valid', blocks: 'before-expansion' } },
  },
  bubbliiiing: {
    layout: 'pytorch',
    signature: /^features\.1\.conv\.3\.weight$/,
    rules: () => flat,
    conventions: { lastConv: false },
  },
  jfzhang95: {
    layout: 'pytorch',
    signature: /^low_level_features\.1\.conv\.3\.weight$/,
    rules: () => jfzhang95,
    conventions: {
      lastConv: false,
      dilateFrom: 'next-stage',
      padding: { stem: 'symmetric', blocks: 'before-expansion' },
    },
  },
  keras: {
    layout: 'keras',
    signature: /^bn_Conv1\/gamma$/,
    rules: () => keras,
    conventions: tensorflow,
  },
  bonlime: {
    layout: 'keras',
    signature: /^expanded_conv_depthwise_BN\/gamma$/,
    rules: () => bonlime,
    conventions: { ...tensorflow, lastConv: false },
  },
  slim: {
    layout: 'tensorflow',
    signature: /^MobilenetV2\/Conv\/weights$/,
    rules: () => slim,
    conventions: tensorflow,
  },
};
