import { layouts } from './layout.ts';
import type { CheckpointSource, Rule } from './source.ts';

const dense: Rule = [/^head$/, 'head.fc'];

const aligned: readonly Rule[] = [
  [/^encoder\/entry_flow\/conv1$/, 'stem.0.conv'],
  [/^encoder\/entry_flow\/conv1\/batch_norm$/, 'stem.0.bn'],
  [/^encoder\/entry_flow\/conv2$/, 'stem.1.conv'],
  [/^encoder\/entry_flow\/conv2\/batch_norm$/, 'stem.1.bn'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/depthwise$/, 'blocks.$1.stack.conv$2.conv_dw'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/depthwise\/batch_norm$/, 'blocks.$1.stack.conv$2.bn_dw'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise$/, 'blocks.$1.stack.conv$2.conv_pw'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise\/batch_norm$/, 'blocks.$1.stack.conv$2.bn_pw'],
  [/^encoder\/.*@(\d+)\/shortcut$/, 'blocks.$1.shortcut.conv'],
  [/^encoder\/.*@(\d+)\/shortcut\/batch_norm$/, 'blocks.$1.shortcut.bn'],
  dense,
];

const preactivation: readonly Rule[] = [
  [/^encoder\/entry_flow\/conv1$/, 'stem.0.conv'],
  [/^encoder\/entry_flow\/conv1\/batch_norm$/, 'stem.0.bn'],
  [/^encoder\/entry_flow\/conv2$/, 'stem.1'],
  [/^encoder\/.*@(\d+)\/batch_norm$/, 'blocks.$1.norm'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/batch_norm$/, 'blocks.$1.stack.conv$2.norm'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/depthwise$/, 'blocks.$1.stack.conv$2.conv_dw'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise$/, 'blocks.$1.stack.conv$2.conv_pw'],
  [/^encoder\/.*@(\d+)\/shortcut$/, 'blocks.$1.shortcut'],
  dense,
];

/** Chollet's network: layers are numbered inside `rep`, with the activations counted; the last block is two loose layers. */
const lastBlock = 12;
const layerInRep = (block: string, conv: string): number => {
  const hasLeadingActivation = block !== '0';
  return 3 * (Number(conv) - 1) + (hasLeadingActivation ? 1 : 0);
};
const separable = (block: string, conv: string): string =>
  Number(block) === lastBlock
    ? `conv${Number(conv) + 2}`
    : `block${Number(block) + 1}.rep.${layerInRep(block, conv)}`;
const norm = (block: string, conv: string): string =>
  Number(block) === lastBlock
    ? `bn${Number(conv) + 2}`
    : `block${Number(block) + 1}.rep.${layerInRep(block, conv) + 1}`;

const chollet: readonly Rule[] = [
  [/^encoder\/entry_flow\/conv(\d)$/, 'conv$1'],
  [/^encoder\/entry_flow\/conv(\d)\/batch_norm$/, 'bn$1'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/depthwise$/, (block, conv) => `${separable(block, conv)}.conv1`],
  [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise$/, (block, conv) => `${separable(block, conv)}.pointwise`],
  [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise\/batch_norm$/, norm],
  [/^encoder\/.*@(\d+)\/shortcut$/, (block) => `block${Number(block) + 1}.skip`],
  [/^encoder\/.*@(\d+)\/shortcut\/batch_norm$/, (block) => `block${Number(block) + 1}.skipbn`],
  [/^head$/, 'fc'],
];

/** github.com/huggingface/pytorch-image-models: `xception` (legacy), `xception41/65/71`, `xception41p/65p`. */
export const timm: CheckpointSource = {
  name: 'timm',
  description: 'pytorch-image-models',
  signature: /^(stem\.0\.conv\.weight|block1\.rep\.0\.conv1\.weight)$/,
  layout: layouts.pytorch,
  rules: { aligned, preactivation, chollet },
  ignore: /\.num_batches_tracked$/,
  conventions: {
    chollet: { batchNormEpsilon: 1e-5, padding: { stem: 'valid', pool: 'symmetric' } },
  },
};
