import { layerRules } from './rules.ts';
import type { CheckpointSource, EncoderSource } from './source.ts';

const counters = /\.num_batches_tracked$/;
const concat = ['1x1', 'rate0', 'rate1', 'rate2', 'pool'] as const;
const ordinary = { convolution: 'ordinary' } as const;
const classifier = { head: 'classifier', rules: [] } as const;

/** timm decides on projections when an output stride is known: xception71 has one less at 8. */
const builtWithStride = { shortcuts: 'effective' } as const;

const all = (encoder: EncoderSource, ...families: string[]) =>
  Object.fromEntries(families.map((family) => [family, [encoder]]));

/** github.com/huggingface/pytorch-image-models, whole networks and `features_only`. */
export const timm: CheckpointSource = {
  name: 'timm',
  description: 'pytorch-image-models',
  layout: 'pytorch',
  encoders: {
    xception: [
      { naming: 'timm', pixels: 'half' },
      { naming: 'timm-preactivated', pixels: 'half' },
      { naming: 'chollet', pixels: 'half' },
      { naming: 'timm', pixels: 'half', options: builtWithStride },
    ],
    inception: [{ naming: 'timm', pixels: 'half' }],
    ...all({ naming: 'timm', pixels: 'imagenet' }, 'vgg', 'resnet', 'mobilenet-v3'),
    'mobilenet-v2': [
      { naming: 'timm', pixels: 'imagenet' },
      { naming: 'timm-features', pixels: 'imagenet' },
    ],
  },
  heads: [classifier],
  ignore: counters,
};

/** timm's `tf_…` names: weights from TensorFlow under the same names, with its padding and epsilon. */
export const timmTf: CheckpointSource = {
  name: 'timm-tf',
  description: 'pytorch-image-models, weights from TensorFlow (`tf_…`)',
  layout: 'pytorch',
  encoders: {
    'mobilenet-v3': [{ naming: 'timm', pixels: 'half', options: { padding: 'same', epsilon: 1e-3 } }],
  },
  heads: [classifier],
  ignore: counters,
};

/** github.com/pytorch/vision: classifiers, and the DeepLabs trained on COCO with VOC's classes. */
export const torchvision: CheckpointSource = {
  name: 'torchvision',
  description: "torchvision's classifiers",
  layout: 'pytorch',
  encoders: {
    ...all({ naming: 'torchvision', pixels: 'imagenet' }, 'vgg', 'resnet', 'mobilenet-v2', 'mobilenet-v3'),
    // its `transform_input`, on with the trained weights, turns ImageNet's pixels into these
    inception: [{ naming: 'torchvision', pixels: 'half' }],
  },
  heads: [classifier],
  ignore: /\.num_batches_tracked$|^AuxLogits\./,
};

export const torchvisionDeeplab: CheckpointSource = {
  name: 'torchvision-deeplab',
  description: "torchvision's DeepLabV3",
  layout: 'pytorch',
  outputStride: 8,
  encoders: {
    resnet: [{ naming: 'torchvision', prefix: 'backbone.', pixels: 'imagenet' }],
    'mobilenet-v3': [{ naming: 'torchvision', prefix: 'backbone.', pixels: 'imagenet', finestStride: 16 }],
  },
  heads: [
    {
      head: 'deeplabv3',
      signature: /^classifier\.0\.convs\.4\.1\.weight$/,
      rules: layerRules([
        ['aspp/conv', 'classifier.0.convs.0.0', 'classifier.0.convs.0.1'],
        ['aspp/rate0', 'classifier.0.convs.1.0', 'classifier.0.convs.1.1'],
        ['aspp/rate1', 'classifier.0.convs.2.0', 'classifier.0.convs.2.1'],
        ['aspp/rate2', 'classifier.0.convs.3.0', 'classifier.0.convs.3.1'],
        ['aspp/pool', 'classifier.0.convs.4.1', 'classifier.0.convs.4.2'],
        ['aspp/projection', 'classifier.0.project.0', 'classifier.0.project.1'],
        ['decoder/conv1', 'classifier.1', 'classifier.2'],
        ['classifier', 'classifier.4'],
      ]),
      options: {
        resize: 'half-pixel',
        aspp: { ...ordinary, concat, rates: [12, 24, 36] },
        decoder: { ...ordinary, convolutions: 1 },
      },
    },
  ],
  ignore: /\.num_batches_tracked$|^aux_classifier\./,
};

const vainfAspp = (prefix: string) =>
  [
    ['aspp/conv', `${prefix}.convs.0.0`, `${prefix}.convs.0.1`],
    ['aspp/rate0', `${prefix}.convs.1.0`, `${prefix}.convs.1.1`],
    ['aspp/rate1', `${prefix}.convs.2.0`, `${prefix}.convs.2.1`],
    ['aspp/rate2', `${prefix}.convs.3.0`, `${prefix}.convs.3.1`],
    ['aspp/pool', `${prefix}.convs.4.1`, `${prefix}.convs.4.2`],
    ['aspp/projection', `${prefix}.project.0`, `${prefix}.project.1`],
  ] as const;

/** github.com/VainF/DeepLabV3Plus-Pytorch */
export const vainf: CheckpointSource = {
  name: 'vainf',
  description: 'DeepLabV3Plus-Pytorch (VainF)',
  layout: 'pytorch',
  encoders: {
    resnet: [{ naming: 'torchvision', prefix: 'backbone.', pixels: 'imagenet' }],
    'mobilenet-v2': [{ naming: 'vainf', prefix: 'backbone.', pixels: 'imagenet' }],
  },
  heads: [
    {
      head: 'deeplabv3plus',
      signature: /^classifier\.aspp\.convs\.4\.1\.weight$/,
      rules: layerRules([
        ...vainfAspp('classifier.aspp'),
        ['decoder/low_level', 'classifier.project.0', 'classifier.project.1'],
        ['decoder/conv1', 'classifier.classifier.0', 'classifier.classifier.1'],
        ['classifier', 'classifier.classifier.3'],
      ]),
      options: {
        resize: 'half-pixel',
        aspp: { ...ordinary, concat },
        decoder: { ...ordinary, convolutions: 1, lowLevelFirst: true },
      },
    },
    {
      head: 'deeplabv3',
      signature: /^classifier\.classifier\.0\.convs\.4\.1\.weight$/,
      rules: layerRules([
        ...vainfAspp('classifier.classifier.0'),
        ['decoder/conv1', 'classifier.classifier.1', 'classifier.classifier.2'],
        ['classifier', 'classifier.classifier.4'],
      ]),
      options: {
        resize: 'half-pixel',
        aspp: { ...ordinary, concat },
        decoder: { ...ordinary, convolutions: 1 },
      },
    },
  ],
  ignore: counters,
};

/** github.com/jfzhang95/pytorch-deeplab-xception */
export const jfzhang: CheckpointSource = {
  name: 'jfzhang95',
  description: 'pytorch-deeplab-xception (jfzhang95)',
  layout: 'pytorch',
  encoders: {
    xception: [{ naming: 'jfzhang', prefix: 'backbone.', pixels: 'imagenet' }],
    ...all({ naming: 'jfzhang95', prefix: 'backbone.', pixels: 'imagenet' }, 'resnet', 'mobilenet-v2'),
  },
  heads: [
    {
      head: 'deeplabv3plus',
      signature: /^aspp\.global_avg_pool\.1\.weight$/,
      rules: layerRules([
        ['aspp/conv', 'aspp.aspp1.atrous_conv', 'aspp.aspp1.bn'],
        ['aspp/rate0', 'aspp.aspp2.atrous_conv', 'aspp.aspp2.bn'],
        ['aspp/rate1', 'aspp.aspp3.atrous_conv', 'aspp.aspp3.bn'],
        ['aspp/rate2', 'aspp.aspp4.atrous_conv', 'aspp.aspp4.bn'],
        ['aspp/pool', 'aspp.global_avg_pool.1', 'aspp.global_avg_pool.2'],
        ['aspp/projection', 'aspp.conv1', 'aspp.bn1'],
        ['decoder/low_level', 'decoder.conv1', 'decoder.bn1'],
        ['decoder/conv1', 'decoder.last_conv.0', 'decoder.last_conv.1'],
        ['decoder/conv2', 'decoder.last_conv.4', 'decoder.last_conv.5'],
        ['classifier', 'decoder.last_conv.8'],
      ]),
      options: { resize: 'align-corners', aspp: { ...ordinary, concat }, decoder: ordinary },
    },
  ],
  ignore: counters,
};

/** github.com/bubbliiiing/deeplabv3-plus-pytorch */
export const bubbliiiing: CheckpointSource = {
  name: 'bubbliiiing',
  description: 'deeplabv3-plus-pytorch (bubbliiiing)',
  layout: 'pytorch',
  encoders: all({ naming: 'bubbliiiing', prefix: 'backbone.', pixels: 'unit' }, 'xception', 'mobilenet-v2'),
  heads: [
    {
      head: 'deeplabv3plus',
      signature: /^aspp\.branch5_conv\.weight$/,
      rules: layerRules([
        ['aspp/conv', 'aspp.branch1.0', 'aspp.branch1.1'],
        ['aspp/rate0', 'aspp.branch2.0', 'aspp.branch2.1'],
        ['aspp/rate1', 'aspp.branch3.0', 'aspp.branch3.1'],
        ['aspp/rate2', 'aspp.branch4.0', 'aspp.branch4.1'],
        ['aspp/pool', 'aspp.branch5_conv', 'aspp.branch5_bn'],
        ['aspp/projection', 'aspp.conv_cat.0', 'aspp.conv_cat.1'],
        ['decoder/low_level', 'shortcut_conv.0', 'shortcut_conv.1'],
        ['decoder/conv1', 'cat_conv.0', 'cat_conv.1'],
        ['decoder/conv2', 'cat_conv.4', 'cat_conv.5'],
        ['classifier', 'cls_conv'],
      ]),
      options: {
        resize: 'align-corners',
        aspp: { ...ordinary, concat, bias: true },
        decoder: { ...ordinary, bias: true },
      },
    },
  ],
  ignore: counters,
};

const smpSeparable = (ours: string, theirs: string) =>
  [
    [`${ours}/depthwise`, `${theirs}.0.0`],
    [`${ours}/pointwise`, `${theirs}.0.1`, `${theirs}.1`],
  ] as const;
const smpRates = [12, 24, 36];

/** github.com/qubvel-org/segmentation_models.pytorch: DeepLabV3 and V3+; its rates stay at every output stride. */
export const smp: CheckpointSource = {
  name: 'smp',
  description: 'segmentation_models.pytorch',
  layout: 'pytorch',
  encoders: {
    xception: [
      { naming: 'timm', prefix: 'encoder.model.', pixels: 'half' },
      // `features_only`, which it builds on, leaves out the last ReLU
      {
        naming: 'timm-preactivated',
        prefix: 'encoder.model.',
        pixels: 'half',
        options: { lastActivation: false },
      },
      { naming: 'timm', prefix: 'encoder.model.', pixels: 'half', options: builtWithStride },
    ],
    resnet: [
      { naming: 'smp', prefix: 'encoder.', pixels: 'imagenet' },
      { naming: 'timm', prefix: 'encoder.model.', pixels: 'imagenet' },
    ],
    'mobilenet-v2': [
      { naming: 'smp', prefix: 'encoder.', pixels: 'imagenet' },
      { naming: 'timm-features', prefix: 'encoder.model.', pixels: 'imagenet' },
    ],
    'mobilenet-v3': [{ naming: 'timm', prefix: 'encoder.model.', pixels: 'imagenet' }],
  },
  heads: [
    {
      head: 'deeplabv3plus',
      signature: /^decoder\.aspp\.0\.convs\.4\.1\.weight$/,
      rules: layerRules([
        ['aspp/conv', 'decoder.aspp.0.convs.0.0', 'decoder.aspp.0.convs.0.1'],
        ...smpSeparable('aspp/rate0', 'decoder.aspp.0.convs.1'),
        ...smpSeparable('aspp/rate1', 'decoder.aspp.0.convs.2'),
        ...smpSeparable('aspp/rate2', 'decoder.aspp.0.convs.3'),
        ['aspp/pool', 'decoder.aspp.0.convs.4.1', 'decoder.aspp.0.convs.4.2'],
        ['aspp/projection', 'decoder.aspp.0.project.0', 'decoder.aspp.0.project.1'],
        ['aspp/refine/depthwise', 'decoder.aspp.1.0'],
        ['aspp/refine/pointwise', 'decoder.aspp.1.1', 'decoder.aspp.2'],
        ['decoder/low_level', 'decoder.block1.0', 'decoder.block1.1'],
        ...smpSeparable('decoder/conv1', 'decoder.block2'),
        ['classifier', 'segmentation_head.0'],
      ]),
      options: {
        resize: 'align-corners',
        aspp: { convolution: 'separable-after', concat, rates: smpRates, refine: 'separable-after' },
        decoder: { convolution: 'separable-after', convolutions: 1 },
      },
    },
    {
      head: 'deeplabv3',
      signature: /^decoder\.aspp\.convs\.4\.1\.weight$/,
      rules: layerRules([
        ...vainfAspp('decoder.aspp'),
        ['decoder/conv1', 'decoder.conv', 'decoder.bn'],
        ['classifier', 'segmentation_head.0'],
      ]),
      options: {
        outputStride: 8,
        resize: 'align-corners',
        aspp: { ...ordinary, concat, rates: smpRates },
        decoder: { ...ordinary, convolutions: 1 },
      },
    },
  ],
  ignore: counters,
};

/** github.com/ycszen/TorchSeg: BiSeNet's encoder. */
export const torchseg: CheckpointSource = {
  name: 'torchseg',
  description: "BiSeNet's Xception-39 (TorchSeg)",
  layout: 'pytorch',
  encoders: { xception: [{ naming: 'torchseg', pixels: 'imagenet' }] },
  heads: [classifier],
  ignore: counters,
};

const trainingSeparable = (ours: string, theirs: string) =>
  [
    [`${ours}/depthwise`, `${theirs}.conv_dw`, `${theirs}.bn_dw`],
    [`${ours}/pointwise`, `${theirs}.conv_pw`, `${theirs}.bn_pw`],
  ] as const;

/** The models that ship with Atrous, as their PyTorch training code names them. */
export const atrousPytorch: CheckpointSource = {
  name: 'atrous-pytorch',
  description: 'the models that ship, in the naming of their training code',
  layout: 'pytorch',
  encoders: { xception: [{ naming: 'training-code', prefix: 'encoder.', pixels: 'imagenet' }] },
  heads: [
    {
      head: 'deeplabv3plus',
      signature: /^aspp\.b0\.conv\.weight$/,
      rules: layerRules([
        ['aspp/conv', 'aspp.b0.conv', 'aspp.b0.bn'],
        ...trainingSeparable('aspp/rate0', 'aspp.b1'),
        ...trainingSeparable('aspp/rate1', 'aspp.b2'),
        ...trainingSeparable('aspp/rate2', 'aspp.b3'),
        ['aspp/pool', 'aspp.pool.conv', 'aspp.pool.bn'],
        ['aspp/projection', 'aspp.project.conv', 'aspp.project.bn'],
        ['decoder/low_level', 'decoder.low.conv', 'decoder.low.bn'],
        ...trainingSeparable('decoder/conv(\\d)', 'decoder.conv$1'),
        ['classifier', 'classifier'],
      ]),
      options: {
        resize: 'half-pixel',
        aspp: { channels: 128, concat },
        decoder: { lowLevelChannels: 32, channels: 128 },
      },
    },
  ],
  ignore: counters,
};
