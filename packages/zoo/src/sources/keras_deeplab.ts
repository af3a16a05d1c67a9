import { layouts } from './layout.ts';
import type { CheckpointSource, Rule } from './source.ts';

/** A layer and the batch norm after it, whose name ends in `_BN`. */
const layer = (ours: string, theirs: string): readonly Rule[] => [
  [new RegExp(`^${ours}$`), theirs],
  [new RegExp(`^${ours}/batch_norm$`), `${theirs}_BN`],
];

const aligned: readonly Rule[] = [
  ...layer('encoder/entry_flow/conv(\\d)', 'entry_flow_conv1_$1'),
  ...layer(
    'encoder/(entry|exit)_flow/block(\\d)@\\d+/conv(\\d)/(\\w+)',
    '$1_flow_block$2_separable_conv$3_$4',
  ),
  ...layer('encoder/(entry|exit)_flow/block(\\d)@\\d+/shortcut', '$1_flow_block$2_shortcut'),
  ...layer(
    'encoder/middle_flow/block(\\d+)@\\d+/conv(\\d)/(\\w+)',
    'middle_flow_unit_$1_separable_conv$2_$3',
  ),
  ...layer('aspp/pool', 'image_pooling'),
  ...layer('aspp/conv', 'aspp0'),
  ...layer('aspp/rate0/(\\w+)', 'aspp1_$1'),
  ...layer('aspp/rate1/(\\w+)', 'aspp2_$1'),
  ...layer('aspp/rate2/(\\w+)', 'aspp3_$1'),
  ...layer('aspp/projection', 'concat_projection'),
  ...layer('decoder/low_level', 'feature_projection0'),
  ...layer('decoder/conv1/(\\w+)', 'decoder_conv0_$1'),
  ...layer('decoder/conv2/(\\w+)', 'decoder_conv1_$1'),
  [/^classifier$/, 'logits_semantic|custom_logits_semantic'],
];

/** github.com/bonlime/keras-deeplab-v3-plus: TensorFlow's DeepLabV3+ in Keras. */
export const kerasDeeplab: CheckpointSource = {
  name: 'keras-deeplab',
  description: "TensorFlow's DeepLabV3+ in Keras (keras-deeplab-v3-plus)",
  signature: /^entry_flow_conv1_1\/kernel$/,
  layout: layouts.keras,
  rules: { aligned },
  conventions: {
    aligned: {
      batchNormEpsilon: { encoder: 1e-3, head: 1e-5 },
      padding: { stem: 'same' },
      resize: 'align-corners',
      aspp: { concat: ['pool', '1x1', 'rate0', 'rate1', 'rate2'] },
      decoder: { lowLevel: { relu: false } },
    },
  },
};
