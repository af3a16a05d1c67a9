import type { Naming, Rule } from '@atrous/graph';
import { variants } from './variants.ts';

/** A block by its index in the network: which layers stand in it, and in which list of timm's. */
interface BlockRow {
  readonly expands: boolean;
  readonly squeezes: boolean;
}

function blocksOf(variant: string): BlockRow[] {
  let channels = 16; // after the first convolution
  return variants[variant].stages.flatMap((stage) =>
    stage.expanded.map((expanded) => {
      const row = { expands: expanded !== channels, squeezes: stage.squeezes };
      channels = stage.channels;
      return row;
    }),
  );
}

const layer = /^encoder\/stage(\d)\/block(\d)@(\d+)\/(expand|depthwise|project)(\/batch_norm)?$/;
const gate = /^encoder\/stage(\d)\/block(\d)@(\d+)\/squeeze_excite\/(reduce|expand)$/;

/** torchvision: one list; in its DeepLabs that list is the encoder, in its classifiers it is `features`. */
function torchvision(variant: string): Rule[] {
  const blocks = blocksOf(variant);
  const listed = (name: string) => `features.${name}|${name}`;
  const place = (block: number, part: string): number => {
    const { expands, squeezes } = blocks[block];
    const stands = { expand: expands, depthwise: true, squeeze_excite: squeezes, project: true };
    const parts = Object.entries(stands).flatMap(([name, isThere]) => (isThere ? [name] : []));
    return parts.indexOf(part);
  };
  const last = blocks.length + 1;
  return [
    [/^encoder\/stem$/, listed('0.0')],
    [/^encoder\/stem\/batch_norm$/, listed('0.1')],
    [
      layer,
      (_stage, _block, index, part, norm) =>
        listed(`${Number(index) + 1}.block.${place(Number(index), part)}.${norm ? 1 : 0}`),
    ],
    [
      gate,
      (_stage, _block, index, part) =>
        listed(
          `${Number(index) + 1}.block.${place(Number(index), 'squeeze_excite')}.${part === 'reduce' ? 'fc1' : 'fc2'}`,
        ),
    ],
    [/^encoder\/last@\d+$/, listed(`${last}.0`)],
    [/^encoder\/last@\d+\/batch_norm$/, listed(`${last}.1`)],
    [/^head\/hidden1$/, 'classifier.0'],
    [/^head$/, 'classifier.3'],
  ];
}

/** timm's names of a block's layers: with an expansion, and without. */
const timmLayers: Readonly<Record<string, readonly [layer: string, norm: string]>> = {
  expand: ['conv_pw', 'bn1'],
  depthwise: ['conv_dw', 'bn2'],
  project: ['conv_pwl', 'bn3'],
};
const timmSeparableLayers: typeof timmLayers = { depthwise: ['conv_dw', 'bn1'], project: ['conv_pw', 'bn2'] };

function timm(variant: string): Rule[] {
  const blocks = blocksOf(variant);
  const at = (stage: string, block: string) => `blocks.${Number(stage) - 1}.${Number(block) - 1}`;
  const last = variants[variant].stages.length;
  return [
    [/^encoder\/stem$/, 'conv_stem'],
    [/^encoder\/stem\/batch_norm$/, 'bn1'],
    [
      layer,
      (stage, block, index, part, norm) => {
        const names = blocks[Number(index)].expands ? timmLayers : timmSeparableLayers;
        return `${at(stage, block)}.${names[part][norm ? 1 : 0]}`;
      },
    ],
    [gate, (stage, block, _index, part) => `${at(stage, block)}.se.conv_${part}`],
    [/^encoder\/last@\d+$/, `blocks.${last}.0.conv`],
    [/^encoder\/last@\d+\/batch_norm$/, `blocks.${last}.0.bn1`],
    [/^head\/hidden1$/, 'conv_head'],
    [/^head$/, 'classifier'],
  ];
}

/** Keras counts blocks over the network, and gives the first no number. */
const kerasBlock = (index: string) => (index === '0' ? 'expanded_conv' : `expanded_conv_${index}`);

const keras: readonly Rule[] = [
  [/^encoder\/stem$/, 'conv'],
  [/^encoder\/stem\/batch_norm$/, 'conv_bn'],
  [layer, (_stage, _block, index, part, norm) => `${kerasBlock(index)}_${part}${norm ? '_bn' : ''}`],
  [
    gate,
    (_stage, _block, index, part) =>
      `${kerasBlock(index)}_squeeze_excite_conv${part === 'expand' ? '_1' : ''}`,
  ],
  [/^encoder\/last@\d+$/, 'conv_1'],
  [/^encoder\/last@\d+\/batch_norm$/, 'conv_1_bn'],
  [/^head\/hidden1$/, 'conv_2'],
  [/^head$/, 'logits'],
];

export const namings: Readonly<Record<string, Naming>> = {
  torchvision: {
    layout: 'pytorch',
    signature: /^(features\.)?1\.block\.0\.0\.weight$/,
    rules: torchvision,
    conventions: { dilateFrom: 'same-block' },
  },
  /** The whole network, and what `features_only` leaves of it. */
  timm: {
    layout: 'pytorch',
    signature: /^blocks\.\d\.0\.se\.conv_reduce\.weight$/,
    rules: timm,
    conventions: { epsilon: 1e-5 },
  },
  keras: {
    layout: 'keras',
    signature: /^expanded_conv_depthwise_bn\/gamma$/,
    rules: () => keras,
    conventions: { padding: 'same' },
  },
};
