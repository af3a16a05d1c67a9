import type { Naming, Rule } from '@atrous/graph';

const layer = /^encoder\/stage(\d)\/block(\d+)@\d+\/(shortcut|conv\d)(\/batch_norm)?$/;

/** Stage by stage, the shortcut is a convolution and a batch norm called `downsample`. */
const pytorch: readonly Rule[] = [
  [/^encoder\/conv1$/, 'conv1'],
  [/^encoder\/conv1\/batch_norm$/, 'bn1'],
  [
    layer,
    (stage, block, part, norm) => {
      const isShortcut = part === 'shortcut';
      const name = isShortcut ? `downsample.${norm ? 1 : 0}` : norm ? part.replace('conv', 'bn') : part;
      return `layer${stage}.${Number(block) - 1}.${name}`;
    },
  ],
  [/^head$/, 'fc'],
];

/** Keras' two libraries differ in how they call a block; the shortcut's convolution is number 0. */
const keras = (blockName: (stage: number, block: number) => string): readonly Rule[] => [
  [/^encoder\/conv1$/, 'conv1_conv'],
  [/^encoder\/conv1\/batch_norm$/, 'conv1_bn'],
  [
    layer,
    (stage, block, part, norm) => {
      const number = part === 'shortcut' ? 0 : part.slice('conv'.length);
      return `${blockName(Number(stage), Number(block))}_${number}_${norm ? 'bn' : 'conv'}`;
    },
  ],
  [/^head$/, 'predictions'],
];

const applications = keras((stage, block) => `conv${stage + 1}_block${block}`);
const hub = keras((stage, block) => `stack${stage - 1}_block${block - 1}`);

const inPytorch = {
  layout: 'pytorch',
  signature: /^layer1\.0\.conv1\.weight$/,
  rules: () => pytorch,
} as const;

export const namings: Readonly<Record<string, Naming>> = {
  /** torchvision, its DeepLabs, and VainF's copy. */
  torchvision: inPytorch,
  timm: inPytorch,
  /** segmentation_models.pytorch: torchvision's network, whole stages of it dilated. */
  smp: { ...inPytorch, conventions: { dilateFrom: 'same-block' } },
  jfzhang95: {
    ...inPytorch,
    variants: ['resnet101'],
    conventions: { dilateFrom: 'same-block', multiGrid: [1, 2, 4] },
  },
  /** Keras Applications. */
  keras: {
    layout: 'keras',
    variants: ['resnet50', 'resnet101', 'resnet152'],
    signature: /^conv2_block1_1_conv\/kernel$/,
    rules: () => applications,
    conventions: { strideOn: 'conv1', bias: true, epsilon: 1.001e-5 },
  },
  'keras-hub': { layout: 'keras', signature: /^stack0_block0_1_conv\/kernel$/, rules: () => hub },
};
