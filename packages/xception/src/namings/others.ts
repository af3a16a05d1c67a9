import type { Naming, Rule } from '@atrous/graph';

/** Chollet's network: layers are numbered inside `rep`, with the activations counted; the last block is two loose layers. */
const lastBlock = 12;
const layerInRep = (block: string, conv: string): number => {
  const hasLeadingActivation = block !== '0';
  return 3 * (Number(conv) - 1) + (hasLeadingActivation ? 1 : 0);
};
const layer = (block: string, conv: string): string =>
  Number(block) === lastBlock
    ? `conv${Number(conv) + 2}`
    : `block${Number(block) + 1}.rep.${layerInRep(block, conv)}`;
const norm = (block: string, conv: string): string =>
  Number(block) === lastBlock
    ? `bn${Number(conv) + 2}`
    : `block${Number(block) + 1}.rep.${layerInRep(block, conv) + 1}`;

const stem: readonly Rule[] = [
  [/^encoder\/entry_flow\/conv(\d)$/, 'conv$1'],
  [/^encoder\/entry_flow\/conv(\d)\/batch_norm$/, 'bn$1'],
];

const shortcut: readonly Rule[] = [
  [/^encoder\/.*@(\d+)\/shortcut$/, (block) => `block${Number(block) + 1}.skip`],
  [/^encoder\/.*@(\d+)\/shortcut\/batch_norm$/, (block) => `block${Number(block) + 1}.skipbn`],
];

/** Cadene's pretrainedmodels (and DeepfakeBench's copy) and timm's legacy `xception`. */
export const chollet: Naming = {
  layout: 'pytorch',
  variants: ['xception'],
  signature: /^block1\.rep\.0\.conv1\.weight$/,
  rules: () => [
    ...stem,
    [/^encoder\/.*@(\d+)\/conv(\d)\/depthwise$/, (block, conv) => `${layer(block, conv)}.conv1`],
    [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise$/, (block, conv) => `${layer(block, conv)}.pointwise`],
    [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise\/batch_norm$/, norm],
    ...shortcut,
    [/^head$/, 'fc|last_linear'],
  ],
  conventions: { epsilon: 1e-5, padding: { stem: 'valid', pool: 'symmetric' } },
};

/** github.com/jfzhang95/pytorch-deeplab-xception: its ReLUs work in place, so that shortcuts see what they leave. */
const jfzhangLast = 20;
const jfzhangLayer = (block: string, conv: string): string => {
  if (Number(block) === jfzhangLast) return `conv${Number(conv) + 2}`;
  const hasLeadingActivation = Number(block) > 1;
  return `block${Number(block) + 1}.rep.${3 * (Number(conv) - 1) + (hasLeadingActivation ? 1 : 0)}`;
};
const jfzhangNorm = (block: string, conv: string): string => {
  if (Number(block) === jfzhangLast) return `bn${Number(conv) + 2}`;
  return jfzhangLayer(block, conv).replace(/\d+$/, (index) => String(Number(index) + 1));
};

export const jfzhang: Naming = {
  layout: 'pytorch',
  variants: ['xception65'],
  signature: /^block1\.rep\.0\.bn\.weight$/,
  rules: () => [
    ...stem,
    [/^encoder\/.*@(\d+)\/conv(\d)\/depthwise$/, (block, conv) => `${jfzhangLayer(block, conv)}.conv1`],
    [
      /^encoder\/.*@(\d+)\/conv(\d)\/depthwise\/batch_norm$/,
      (block, conv) => `${jfzhangLayer(block, conv)}.bn`,
    ],
    [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise$/, (block, conv) => `${jfzhangLayer(block, conv)}.pointwise`],
    [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise\/batch_norm$/, jfzhangNorm],
    ...shortcut,
  ],
  conventions: {
    epsilon: 1e-5,
    activatedShortcut: 'all',
    exitActivation: 'before',
    dilates: { strided: false },
    lowLevel: 'entry_flow/block1',
    taps: 'after',
  },
};

/** github.com/bubbliiiing/deeplabv3-plus-pytorch: ReLUs work in place where the shortcut is the identity. */
const bubbliiiingLayer = (block: string, conv: string): string =>
  Number(block) === jfzhangLast ? `conv${Number(conv) + 2}` : `block${Number(block) + 1}.sepconv${conv}`;

export const bubbliiiing: Naming = {
  layout: 'pytorch',
  variants: ['xception65'],
  signature: /^block1\.sepconv1\.bn1\.weight$/,
  rules: () => [
    ...stem,
    [
      /^encoder\/.*@(\d+)\/conv(\d)\/(depthwise|pointwise)$/,
      (block, conv, part) => `${bubbliiiingLayer(block, conv)}.${part}`,
    ],
    [
      /^encoder\/.*@(\d+)\/conv(\d)\/depthwise\/batch_norm$/,
      (block, conv) => `${bubbliiiingLayer(block, conv)}.bn1`,
    ],
    [
      /^encoder\/.*@(\d+)\/conv(\d)\/pointwise\/batch_norm$/,
      (block, conv) => `${bubbliiiingLayer(block, conv)}.bn2`,
    ],
    ...shortcut,
  ],
  conventions: { epsilon: 1e-5, activatedShortcut: 'identity', dilates: { exit: false } },
};

/** github.com/ycszen/TorchSeg: BiSeNet's Xception-39. */
const residual = (stage: string, block: string, conv: string): string =>
  `layer${stage}.${Number(block) - 1}.residual_branch.${Number(conv) - 1}`;

export const torchseg: Naming = {
  layout: 'pytorch',
  variants: ['xception39'],
  signature: /^layer1\.0\.residual_branch\.0\.conv1\.weight$/,
  rules: () => [
    [/^encoder\/entry_flow\/conv1$/, 'conv1.conv'],
    [/^encoder\/entry_flow\/conv1\/batch_norm$/, 'conv1.bn'],
    [
      /^encoder\/stage(\d)\/block(\d)@\d+\/conv(\d)\/depthwise$/,
      (stage, block, conv) => `${residual(stage, block, conv)}.conv1`,
    ],
    [
      /^encoder\/stage(\d)\/block(\d)@\d+\/conv(\d)\/pointwise$/,
      (stage, block, conv) => `${residual(stage, block, conv)}.point_wise_cbr.conv`,
    ],
    [
      /^encoder\/stage(\d)\/block(\d)@\d+\/conv(\d)\/pointwise\/batch_norm$/,
      (stage, block, conv) => `${residual(stage, block, conv)}.point_wise_cbr.bn`,
    ],
    [/^encoder\/stage(\d)\/block1@\d+\/shortcut\/depthwise$/, 'layer$1.0.proj.conv1'],
    [/^encoder\/stage(\d)\/block1@\d+\/shortcut\/pointwise$/, 'layer$1.0.proj.point_wise_cbr.conv'],
    [/^encoder\/stage(\d)\/block1@\d+\/shortcut\/pointwise\/batch_norm$/, 'layer$1.0.proj.point_wise_cbr.bn'],
    [/^head$/, 'fc'],
  ],
};

/** face-api.js's age and gender network, as its weights manifest names it. */
const faceModules: Readonly<Record<string, string>> = {
  'entry_flow/block1': 'entry_flow/reduction_block_0',
  'entry_flow/block2': 'entry_flow/reduction_block_1',
  'middle_flow/block1': 'middle_flow/main_block_0',
  'middle_flow/block2': 'middle_flow/main_block_1',
  'exit_flow/block1': 'exit_flow/reduction_block',
};
const faceSeparable = (block: string, conv: string): string =>
  block === 'exit_flow/block2'
    ? 'exit_flow/separable_conv'
    : `${faceModules[block]}/separable_conv${Number(conv) - 1}`;

const faceBlock = '^encoder/(\\w+/block\\d)@\\d+';

export const facesManifest: Naming = {
  layout: 'tensorflow',
  variants: ['tiny-xception-faces'],
  signature: /^entry_flow\/conv_in\/filters$/,
  rules: () => [
    [/^encoder\/entry_flow\/conv1\/kernel$/, 'entry_flow/conv_in/filters'],
    [/^encoder\/entry_flow\/conv1\/bias$/, 'entry_flow/conv_in/bias'],
    [
      new RegExp(`${faceBlock}/conv(\\d)/(depthwise|pointwise)/kernel$`),
      (block, conv, part) => `${faceSeparable(block, conv)}/${part}_filter`,
    ],
    [
      new RegExp(`${faceBlock}/conv(\\d)/pointwise/bias$`),
      (block, conv) => `${faceSeparable(block, conv)}/bias`,
    ],
    [new RegExp(`${faceBlock}/shortcut/kernel$`), (block) => `${faceModules[block]}/expansion_conv/filters`],
    [new RegExp(`${faceBlock}/shortcut/bias$`), (block) => `${faceModules[block]}/expansion_conv/bias`],
    [/^head\/(age|gender)\/kernel$/, 'fc/$1/weights'],
    [/^head\/(age|gender)\/bias$/, 'fc/$1/bias'],
  ],
};
