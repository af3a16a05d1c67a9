import { layerRules } from './rules.ts';
import type { CheckpointSource, EncoderSource } from './source.ts';

const concat = ['pool', '1x1', 'rate0', 'rate1', 'rate2'] as const;
const all = (encoder: EncoderSource, ...families: string[]) =>
  Object.fromEntries(families.map((family) => [family, [encoder]]));

/** keras.applications, and KerasHub where it names the same layers. */
export const keras: CheckpointSource = {
  name: 'keras',
  description: 'Keras Applications and KerasHub',
  layout: 'keras',
  encoders: {
    xception: [
      { naming: 'keras', pixels: 'half' },
      { naming: 'keras-hub', pixels: 'half' },
    ],
    ...all({ naming: 'keras', pixels: 'half' }, 'inception', 'mobilenet-v2', 'mobilenet-v3'),
    ...all({ naming: 'keras', pixels: 'caffe' }, 'vgg', 'resnet'),
  },
  heads: [{ head: 'classifier', rules: [] }],
};

/** github.com/oarriaga/face_classification */
export const oarriaga: CheckpointSource = {
  name: 'oarriaga',
  description: 'face_classification: mini-, tiny- and big-Xception',
  layout: 'keras',
  encoders: { xception: [{ naming: 'keras-small', pixels: 'grey' }] },
  heads: [{ head: 'classifier', rules: [] }],
};

/** github.com/justadudewhohacks/face-api.js */
export const faceApi: CheckpointSource = {
  name: 'face-api',
  description: "face-api.js' age and gender network",
  layout: 'tensorflow',
  encoders: { xception: [{ naming: 'faces', pixels: 'faces' }] },
  heads: [{ head: 'classifier', rules: [] }],
};

/** A separable convolution of TF-slim's DeepLab, its batch norms below a separator. */
const separable = (ours: string, theirs: string, leaf: string, norm: string) =>
  [
    [`${ours}/depthwise`, `${theirs}_depthwise${leaf}`, `${theirs}_depthwise${norm}`],
    [`${ours}/pointwise`, `${theirs}_pointwise`, `${theirs}_pointwise${norm}`],
  ] as const;

const deeplabRules = (decoder: string, classifier: string, leaf: string, norm: string) =>
  layerRules([
    ['aspp/pool', 'image_pooling', `image_pooling${norm}`],
    ['aspp/conv', 'aspp0', `aspp0${norm}`],
    ...separable('aspp/rate0', 'aspp1', leaf, norm),
    ...separable('aspp/rate1', 'aspp2', leaf, norm),
    ...separable('aspp/rate2', 'aspp3', leaf, norm),
    ['aspp/projection', 'concat_projection', `concat_projection${norm}`],
    ['decoder/low_level', `${decoder}feature_projection0`, `${decoder}feature_projection0${norm}`],
    ...separable('decoder/conv1', `${decoder}decoder_conv0`, leaf, norm),
    ...separable('decoder/conv2', `${decoder}decoder_conv1`, leaf, norm),
    ['classifier', classifier],
  ]);

/** MobileNetV2's DeepLab has image pooling and the 1×1 convolution alone, and no decoder. */
const mobileOptions = {
  resize: 'align-corners',
  aspp: { concat: ['pool', '1x1'], rates: [] },
} as const;

/** github.com/bonlime/keras-deeplab-v3-plus: TensorFlow's DeepLabV3+ in Keras. */
export const kerasDeeplab: CheckpointSource = {
  name: 'keras-deeplab',
  description: "TensorFlow's DeepLabV3+ in Keras (keras-deeplab-v3-plus)",
  layout: 'keras',
  encoders: {
    xception: [{ naming: 'bonlime', pixels: 'half' }],
    'mobilenet-v2': [{ naming: 'bonlime', pixels: 'half', outputStride: 8 }],
  },
  heads: [
    {
      head: 'deeplabv3plus',
      signature: /^feature_projection0\/kernel$/,
      rules: deeplabRules('', 'logits_semantic|custom_logits_semantic', '', '_BN'),
      options: { resize: 'align-corners', aspp: { concat } },
    },
    {
      head: 'deeplabv3',
      signature: /^concat_projection\/kernel$/,
      rules: deeplabRules('', 'logits_semantic|custom_logits_semantic', '', '_BN'),
      options: mobileOptions,
    },
  ],
};

/** github.com/tensorflow/models, research/deeplab: TF-slim's checkpoints and frozen graphs. */
export const tensorflowDeeplab: CheckpointSource = {
  name: 'tensorflow-deeplab',
  description: "TensorFlow's DeepLab (TF-slim)",
  layout: 'tensorflow',
  encoders: {
    xception: [{ naming: 'slim', pixels: 'half' }],
    'mobilenet-v2': [
      { naming: 'slim', pixels: 'half' },
      // the DeepLabs end before the last convolution
      { naming: 'slim', pixels: 'half', options: { lastConv: false } },
    ],
  },
  heads: [
    {
      head: 'deeplabv3plus',
      signature: /^decoder\/feature_projection0\/weights(\/ExponentialMovingAverage)?$/,
      rules: deeplabRules('decoder/', 'logits/semantic', '/depthwise_%', '/BatchNorm'),
      options: { resize: 'align-corners', aspp: { concat } },
    },
    {
      head: 'deeplabv3',
      signature: /^concat_projection\/weights(\/ExponentialMovingAverage)?$/,
      rules: deeplabRules('decoder/', 'logits/semantic', '/depthwise_%', '/BatchNorm'),
      options: mobileOptions,
    },
    { head: 'classifier', rules: [] },
  ],
  ignore: /(^|\/)(global_step$|Momentum$|ExponentialMovingAverage$)|Adam(_1)?$|RMSProp(_1)?$/,
};
