import { layouts } from './layout.ts';
import type { CheckpointSource, Rule } from './source.ts';

const branch = (ours: string, theirs: string): readonly Rule[] => [
  [new RegExp(`^aspp/${ours}$`), `aspp.${theirs}.conv`],
  [new RegExp(`^aspp/${ours}/batch_norm$`), `aspp.${theirs}.bn`],
];

const separable = (ours: string, theirs: string): readonly Rule[] => [
  [new RegExp(`^${ours}/depthwise$`), `${theirs}.conv_dw`],
  [new RegExp(`^${ours}/depthwise/batch_norm$`), `${theirs}.bn_dw`],
  [new RegExp(`^${ours}/pointwise$`), `${theirs}.conv_pw`],
  [new RegExp(`^${ours}/pointwise/batch_norm$`), `${theirs}.bn_pw`],
];

const aligned: readonly Rule[] = [
  [/^encoder\/entry_flow\/conv1$/, 'encoder.stem.0.conv'],
  [/^encoder\/entry_flow\/conv1\/batch_norm$/, 'encoder.stem.0.bn'],
  [/^encoder\/entry_flow\/conv2$/, 'encoder.stem.1.conv'],
  [/^encoder\/entry_flow\/conv2\/batch_norm$/, 'encoder.stem.1.bn'],
  ...separable('encoder/.*@(\\d+)/conv(\\d)', 'encoder.blocks.$1.stack.conv$2'),
  [/^encoder\/.*@(\d+)\/shortcut$/, 'encoder.blocks.$1.shortcut.conv'],
  [/^encoder\/.*@(\d+)\/shortcut\/batch_norm$/, 'encoder.blocks.$1.shortcut.bn'],
  ...branch('conv', 'b0'),
  ...separable('aspp/rate0', 'aspp.b1'),
  ...separable('aspp/rate1', 'aspp.b2'),
  ...separable('aspp/rate2', 'aspp.b3'),
  ...branch('pool', 'pool'),
  ...branch('projection', 'project'),
  [/^decoder\/low_level$/, 'decoder.low.conv'],
  [/^decoder\/low_level\/batch_norm$/, 'decoder.low.bn'],
  ...separable('decoder/conv(\\d)', 'decoder.conv$1'),
  [/^classifier$/, 'classifier'],
];

/** The models that ship with Atrous, as their PyTorch training code names them. */
export const atrousPytorch: CheckpointSource = {
  name: 'atrous-pytorch',
  description: 'the models that ship, in the naming of their training code',
  signature: /^encoder\.stem\.0\.conv\.weight$/,
  layout: layouts.pytorch,
  rules: { aligned },
  ignore: /\.num_batches_tracked$/,
  conventions: {
    aligned: {
      widthMultiplier: 0.25,
      batchNormEpsilon: 1e-5,
      padding: 'symmetric',
      resize: 'half-pixel',
      aspp: { channels: 128, concat: ['1x1', 'rate0', 'rate1', 'rate2', 'pool'] },
      decoder: { lowLevelChannels: 32, channels: 128 },
    },
  },
};
