import type { Naming, Rule } from '@atrous/graph';
import { variants } from './variants.ts';

/**
 * PyTorch: all in one list that counts convolutions, batch norms, ReLUs and pools. timm's `features_only` writes
 * `features_0` for `features.0`.
 */
function listed(name: string): Rule[] {
  const { stages, batchNorm } = variants[name];
  const modules = batchNorm ? 3 : 2;
  const place = (stage: number, conv: number) => {
    const before = stages
      .slice(0, stage - 1)
      .reduce((sum, { convolutions }) => sum + modules * convolutions + 1, 0);
    return before + modules * (conv - 1);
  };
  const at = (index: number) => `features.${index}|features_${index}`;
  return [
    [/^encoder\/stage(\d)@\d\/conv(\d)$/, (stage, conv) => at(place(Number(stage), Number(conv)))],
    [
      /^encoder\/stage(\d)@\d\/conv(\d)\/batch_norm$/,
      (stage, conv) => at(place(Number(stage), Number(conv)) + 1),
    ],
  ];
}

const timmHead: readonly Rule[] = [
  [/^head\/hidden(\d)$/, 'pre_logits.fc$1'],
  [/^head$/, 'head.fc'],
];

/** The first is flattened: [4096, 512·7·7]. */
const torchvisionHead: readonly Rule[] = [
  [/^head\/hidden1$/, 'classifier.0'],
  [/^head\/hidden2$/, 'classifier.3'],
  [/^head$/, 'classifier.6'],
];

/** The first is flattened: [7·7·512, 4096]. */
const keras: readonly Rule[] = [
  [/^encoder\/stage(\d)@\d\/conv(\d)$/, 'block$1_conv$2'],
  [/^head\/hidden(\d)$/, 'fc$1'],
  [/^head$/, 'predictions'],
];

export const namings: Readonly<Record<string, Naming>> = {
  timm: {
    layout: 'pytorch',
    signature: /^(pre_logits\.fc1|features_0)\.weight$/,
    rules: (variant) => [...listed(variant), ...timmHead],
    classifier: { pools: 'up-to' },
  },
  /** torchvision, and segmentation_models.pytorch without the classifier. */
  torchvision: {
    layout: 'pytorch',
    signature: /^features\.0\.weight$/,
    rules: (variant) => [...listed(variant), ...torchvisionHead],
  },
  keras: {
    layout: 'keras',
    variants: ['vgg16', 'vgg19'],
    signature: /^block1_conv1\/kernel$/,
    rules: () => keras,
  },
};
