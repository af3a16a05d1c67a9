import type { Naming, Rule } from '@atrous/graph';

const pytorch: readonly Rule[] = [
  [/^encoder\/conv1$/, 'conv1'],
  [/^encoder\/conv1\/batch_norm$/, 'bn1'],
  [
    /^encoder\/stage(\d)\/block(\d+)@\d+\/shortcut$/,
    (stage, block) => `layer${stage}.${Number(block) - 1}.downsample.0`,
  ],
  [
    /^encoder\/stage(\d)\/block(\d+)@\d+\/shortcut\/batch_norm$/,
    (stage, block) => `layer${stage}.${Number(block) - 1}.downsample.1`,
  ],
  [
    /^encoder\/stage(\d)\/block(\d+)@\d+\/conv(\d)$/,
    (stage, block, conv) => `layer${stage}.${Number(block) - 1}.conv${conv}`,
  ],
  [
    /^encoder\/stage(\d)\/block(\d+)@\d+\/conv(\d)\/batch_norm$/,
    (stage, block, conv) => `layer${stage}.${Number(block) - 1}.bn${conv}`,
  ],
  [/^head$/, 'fc'],
];

const signature = /^layer1\.0\.conv1\.weight$/;

/** Keras counts stages from the stem on, and calls the shortcut convolution 0. */
const kerasBlock = (stage: string, block: string) => `conv${Number(stage) + 1}_block${block}`;

const keras: readonly Rule[] = [
  [/^encoder\/conv1$/, 'conv1_conv'],
  [/^encoder\/conv1\/batch_norm$/, 'conv1_bn'],
  [/^encoder\/stage(\d)\/block(\d+)@\d+\/shortcut$/, (stage, block) => `${kerasBlock(stage, block)}_0_conv`],
  [
    /^encoder\/stage(\d)\/block(\d+)@\d+\/shortcut\/batch_norm$/,
    (stage, block) => `${kerasBlock(stage, block)}_0_bn`,
  ],
  [
    /^encoder\/stage(\d)\/block(\d+)@\d+\/conv(\d)$/,
    (stage, block, conv) => `${kerasBlock(stage, block)}_${conv}_conv`,
  ],
  [
    /^encoder\/stage(\d)\/block(\d+)@\d+\/conv(\d)\/batch_norm$/,
    (stage, block, conv) => `${kerasBlock(stage, block)}_${conv}_bn`,
  ],
  [/^head$/, 'predictions'],
];

export const namings: Readonly<Record<string, Naming>> = {
  /** torchvision, its DeepLabs, and VainF's copy. */
  torchvision: { layout: 'pytorch', signature, rules: () => pytorch },
  timm: { layout: 'pytorch', signature, rules: () => pytorch },
  /** segmentation_models.pytorch dilates the whole stage. */
  smp: { layout: 'pytorch', signature, rules: () => pytorch, conventions: { dilateFrom: 'same-block' } },
  jfzhang95: {
    layout: 'pytorch',
    signature,
    rules: () => pytorch,
    conventions: { dilateFrom: 'same-block', multiGrid: [1, 2, 4] },
  },
  keras: {
    layout: 'keras',
    signature: /^conv2_block1_1_conv\/kernel$/,
    rules: () => keras,
    conventions: { strideOn: 'conv1', bias: true, epsilon: 1.001e-5 },
  },
};
