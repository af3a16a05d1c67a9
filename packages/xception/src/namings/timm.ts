import type { Naming, Rule } from '@atrous/graph';

const alignedVariants = ['xception41', 'xception65', 'xception71'];

/** `features_only` writes `blocks_0` for `blocks.0`. */
const flattened = (rules: readonly Rule[]): readonly Rule[] =>
  rules.map(([pattern, theirs]) =>
    typeof theirs === 'string'
      ? [pattern, `${theirs}|${theirs.replace(/^(stem|blocks)\./, '$1_')}`]
      : [pattern, theirs],
  );

const stem: readonly Rule[] = [
  [/^encoder\/entry_flow\/conv1$/, 'stem.0.conv'],
  [/^encoder\/entry_flow\/conv1\/batch_norm$/, 'stem.0.bn'],
];

const aligned: readonly Rule[] = [
  ...stem,
  [/^encoder\/entry_flow\/conv2$/, 'stem.1.conv'],
  [/^encoder\/entry_flow\/conv2\/batch_norm$/, 'stem.1.bn'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/depthwise$/, 'blocks.$1.stack.conv$2.conv_dw'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/depthwise\/batch_norm$/, 'blocks.$1.stack.conv$2.bn_dw'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise$/, 'blocks.$1.stack.conv$2.conv_pw'],
  [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise\/batch_norm$/, 'blocks.$1.stack.conv$2.bn_pw'],
  [/^encoder\/.*@(\d+)\/shortcut$/, 'blocks.$1.shortcut.conv'],
  [/^encoder\/.*@(\d+)\/shortcut\/batch_norm$/, 'blocks.$1.shortcut.bn'],
  [/^head$/, 'head.fc'],
];

/** github.com/huggingface/pytorch-image-models: `xception41`, `65`, `71`. */
export const timmAligned: Naming = {
  layout: 'pytorch',
  variants: alignedVariants,
  signature: /^blocks[._]0\.stack\.conv1\.bn_dw\.weight$/,
  rules: () => flattened(aligned),
  conventions: { taps: 'after' },
};

/** timm's `xception41p` and `65p`. */
export const timmPreactivated: Naming = {
  layout: 'pytorch',
  variants: ['xception41p', 'xception65p'],
  signature: /^blocks[._]0\.norm\.weight$/,
  rules: () =>
    flattened([
      ...stem,
      [/^encoder\/entry_flow\/conv2$/, 'stem.1'],
      [/^encoder\/.*@(\d+)\/batch_norm$/, 'blocks.$1.norm'],
      [/^encoder\/.*@(\d+)\/conv(\d)\/batch_norm$/, 'blocks.$1.stack.conv$2.norm'],
      [/^encoder\/.*@(\d+)\/conv(\d)\/depthwise$/, 'blocks.$1.stack.conv$2.conv_dw'],
      [/^encoder\/.*@(\d+)\/conv(\d)\/pointwise$/, 'blocks.$1.stack.conv$2.conv_pw'],
      [/^encoder\/.*@(\d+)\/shortcut$/, 'blocks.$1.shortcut'],
      [/^head$/, 'head.fc'],
    ]),
};

/** The models that ship with Atrous, as their PyTorch training code names them: timm's names, narrower networks. */
export const trainingCode: Naming = {
  layout: 'pytorch',
  variants: alignedVariants,
  signature: timmAligned.signature,
  rules: () => aligned,
  conventions: { widthMultiplier: 0.25, epsilon: 1e-5, padding: 'symmetric' },
};
