import { filledModel } from '@atrous/golden';
import type { Model } from '@atrous/graph';
import { type Architecture, buildNetwork } from '@atrous/zoo';

export interface Network {
  readonly shape: readonly [number, number, number, number];
  readonly architecture: Architecture;
}

/** What is measured, with generated weights: times do not depend on them. */
export const networks: Readonly<Record<string, Network>> = {
  'DeepLabV3+ Xception-65, 513×513, output stride 16': {
    shape: [1, 513, 513, 3],
    architecture: { head: 'deeplabv3plus', encoder: 'xception65', classes: 21 },
  },
  'DeepLabV3+ Xception-41 × 0.25 (the models that ship), 360×480': {
    shape: [1, 360, 480, 3],
    architecture: {
      head: 'deeplabv3plus',
      encoder: 'xception41',
      classes: 11,
      widthMultiplier: 0.25,
      resize: 'half-pixel',
      aspp: { channels: 128 },
      decoder: { channels: 128, lowLevelChannels: 32 },
    },
  },
  'Xception, 299×299': { shape: [1, 299, 299, 3], architecture: { head: 'classifier', encoder: 'xception' } },
};

export const modelOf = (name: string): Model => filledModel(buildNetwork(networks[name].architecture));
