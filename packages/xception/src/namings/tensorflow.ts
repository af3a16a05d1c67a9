import type { Naming, Rule } from '@atrous/graph';

const variants = ['xception41', 'xception65', 'xception71'];

/** A layer and the batch norm after it. */
const pair = (ours: string, theirs: string, norm: string): readonly Rule[] => [
  [new RegExp(`^encoder/${ours}$`), theirs],
  [new RegExp(`^encoder/${ours}/batch_norm$`), norm],
];

/** TF-slim's DeepLab: github.com/tensorflow/models, research/deeplab. */
export const slim: Naming = {
  layout: 'tensorflow',
  variants,
  signature:
    /^xception_\d+\/entry_flow\/block1\/unit_1\/xception_module\/separable_conv1_depthwise\/depthwise_weights$/,
  rules: (variant) => {
    const scope = variant.replace('xception', 'xception_');
    const withNorm = (ours: string, theirs: string, leaf = '') =>
      pair(ours, theirs + leaf, `${theirs}/BatchNorm`);
    const module = (flow: string, ours: string, unit: string): readonly Rule[] => [
      ...withNorm(
        `${ours}/conv(\\d)/depthwise`,
        `${scope}/${flow}/${unit}/xception_module/separable_conv$2_depthwise`,
        '/depthwise_%',
      ),
      ...withNorm(
        `${ours}/conv(\\d)/pointwise`,
        `${scope}/${flow}/${unit}/xception_module/separable_conv$2_pointwise`,
      ),
      ...withNorm(`${ours}/shortcut`, `${scope}/${flow}/${unit}/xception_module/shortcut`),
    ];
    return [
      ...withNorm('entry_flow/conv(\\d)', `${scope}/entry_flow/conv1_$1`),
      ...module('entry_flow', 'entry_flow/block(\\d)@\\d+', 'block$1/unit_1'),
      ...module('middle_flow', 'middle_flow/block(\\d+)@\\d+', 'block1/unit_$1'),
      ...module('exit_flow', 'exit_flow/block(\\d)@\\d+', 'block$1/unit_1'),
      [/^head$/, `${scope}/logits|logits`],
    ];
  },
};

/** github.com/bonlime/keras-deeplab-v3-plus: TensorFlow's DeepLabV3+ in Keras. */
export const bonlime: Naming = {
  layout: 'keras',
  variants: ['xception65'],
  signature: /^entry_flow_conv1_1\/kernel$/,
  rules: () => {
    const withNorm = (ours: string, theirs: string) => pair(ours, theirs, `${theirs}_BN`);
    return [
      ...withNorm('entry_flow/conv(\\d)', 'entry_flow_conv1_$1'),
      ...withNorm(
        '(entry|exit)_flow/block(\\d)@\\d+/conv(\\d)/(\\w+)',
        '$1_flow_block$2_separable_conv$3_$4',
      ),
      ...withNorm('(entry|exit)_flow/block(\\d)@\\d+/shortcut', '$1_flow_block$2_shortcut'),
      ...withNorm('middle_flow/block(\\d+)@\\d+/conv(\\d)/(\\w+)', 'middle_flow_unit_$1_separable_conv$2_$3'),
    ];
  },
  conventions: { epsilon: 1e-3, padding: { stem: 'same' } },
};
