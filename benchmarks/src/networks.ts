import { filledModel } from '@atrous/golden';
import type { Graph, Model } from '@atrous/graph';
import { xceptionFamily } from '@atrous/xception';
import { type Architecture, buildNetwork, type NetworkOptions, networkName } from '@atrous/zoo';

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
    architecture: {
      head: 'deeplabv3plus',
      encoder: { family: 'xception', variant: 'xception65' },
      classes: 21,
    },
  },
  'DeepLabV3+ Xception-41 × 0.25 (the models that ship), 360×480': {
    folder: 'street',
    shape: [1, 360, 480, 3],
    architecture: {
      head: 'deeplabv3plus',
      encoder: { family: 'xception', variant: 'xception41', options: { widthMultiplier: 0.25 } },
      classes: 11,
      resize: 'half-pixel',
      aspp: { channels: 128 },
      decoder: { channels: 128, lowLevelChannels: 32 },
    },
  },
  'Xception, 299×299': {
    folder: 'xception',
    shape: [1, 299, 299, 3],
    architecture: { head: 'classifier', encoder: { family: 'xception', variant: 'xception' } },
  },
};

/** The network. */
export const graphOf = (name: string): Graph => buildNetwork(xceptionFamily, networks[name].architecture);

/** The network with the fill for weights. */
export const modelOf = (name: string): Model => filledModel(graphOf(name));

/** How the checkpoint of a network is asked for. */
export function checkpointOptions(name: string): { network: string; options: NetworkOptions } {
  const { head: _head, encoder, ...options } = networks[name].architecture;
  return {
    network: networkName(networks[name].architecture),
    options: { ...options, ...(encoder.options && { encoder: encoder.options }) },
  };
}
