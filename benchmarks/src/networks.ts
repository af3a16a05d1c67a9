import { filledModel } from '@atrous/golden';
import type { Model } from '@atrous/graph';
import { type Architecture, buildNetwork } from '@atrous/zoo';

export interface Network {
  /** Of its files. */
  readonly folder: string;
  readonly shape: readonly [number, number, number, number];
  readonly architecture: Architecture;
}

/** What is measured, with generated weights: times do not depend on them. */
export const networks: Readonly<Record<string, Network>> = {
  'DeepLabV3+ Xception-65, 513×513, output stride 16': {
    folder: 'xception65',
    shape: [1, 513, 513, 3],
    architecture: { head: 'deeplabv3plus', encoder: 'xception65', classes: 21 },
  },
  'DeepLabV3+ Xception-41 × 0.25 (the models that ship), 360×480': {
    folder: 'street',
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
  'Xception, 299×299': {
    folder: 'xception',
    shape: [1, 299, 299, 3],
    architecture: { head: 'classifier', encoder: 'xception' },
  },
};

/** The network with the fill for weights. */
export const modelOf = (name: string): Model => filledModel(buildNetwork(networks[name].architecture));

/** How the checkpoint of a network is asked for. */
export function checkpointOptions(name: string): { network: string; options: Partial<Architecture> } {
  const { head, encoder, ...options } = networks[name].architecture;
  return { network: head === 'classifier' ? encoder : `${head}-${encoder}`, options };
}
