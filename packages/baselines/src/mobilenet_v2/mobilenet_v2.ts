import {
  type Encoder,
  type EncoderFamily,
  type Feature,
  type OptionRules,
  placeStrides,
} from '@atrous/graph';
import { unknownName } from '@atrous/tensor';
import { convUnit } from '../conv_unit.ts';
import { blockRates, type DilateFrom } from '../dilation.ts';
import { type BlockPadding, invertedResidual } from '../inverted_residual.ts';
import { makeDivisible } from '../make_divisible.ts';
import { channelDivisorRule, epsilonRule, widthMultiplierRule } from '../option_rules.ts';
import { namings } from './namings.ts';
import { stages, variants } from './variants.ts';

export interface MobileNetV2Options {
  /** The first convolution's, and the blocks'. @default symmetric */
  readonly padding?: { readonly stem?: 'symmetric' | 'same' | 'valid'; readonly blocks?: BlockPadding };
  /** Batch norm epsilon. @default 1e-5 */
  readonly epsilon?: number;
  /** Whether the 1×1 convolution to 1280 channels stands, which most DeepLabs leave out. @default true */
  readonly lastConv?: boolean;
  /** @default 'next-block' */
  readonly dilateFrom?: DilateFrom;
  /** Channels relative to the paper. @default the variant's */
  readonly widthMultiplier?: number;
  /** Scaled channels are multiples of this. @default 8 */
  readonly channelDivisor?: number;
}

const options: OptionRules = {
  padding: {
    kind: 'record',
    of: {
      stem: { kind: 'choice', of: ['symmetric', 'same', 'valid'] },
      blocks: { kind: 'choice', of: ['symmetric', 'same', 'before-expansion'] },
    },
  },
  epsilon: epsilonRule,
  lastConv: { kind: 'flag' },
  dilateFrom: { kind: 'choice', of: ['next-block', 'same-block', 'next-stage'] },
  widthMultiplier: widthMultiplierRule,
  channelDivisor: channelDivisorRule,
};

const stemPadding = { symmetric: [1, 1, 1, 1], same: 'same', valid: [0, 0, 0, 0] } as const;

function build(name: string, options: MobileNetV2Options = {}): Encoder {
  if (!Object.hasOwn(variants, name)) throw unknownName('encoder', name, Object.keys(variants));
  const { padding = {}, epsilon = 1e-5, lastConv = true, dilateFrom = 'next-block' } = options;
  const { widthMultiplier = variants[name].widthMultiplier, channelDivisor = 8 } = options;
  const scaled = (channels: number) => makeDivisible(channels * widthMultiplier, channelDivisor);
  const unit = { epsilon, activation: 'relu6' } as const;

  return {
    name,
    build(scope, image, { outputStride }) {
      const features: Feature[] = [];
      const tap = (feature: Feature) => {
        features.push(feature);
        scope.endpoint(feature.name, feature.value);
      };

      let x = convUnit(scope.child('stem'), image, {
        ...unit,
        channels: scaled(32),
        kernel: 3,
        stride: 2,
        padding: stemPadding[padding.stem ?? 'symmetric'],
      });

      const placed = placeStrides(stages, outputStride);
      placed.forEach((stage, s) => {
        blockRates(stage, stage.blocks, dilateFrom).forEach((rate, b) => {
          const block = `stage${s + 1}/block${b + 1}`;
          x = invertedResidual(scope.child(block), x, {
            ...unit,
            expanded: x.port.shape[3]! * stage.expansion,
            channels: scaled(stage.channels),
            kernel: 3,
            stride: b === 0 ? stage.stride : 1,
            effectiveStride: b === 0 ? stage.effectiveStride : 1,
            rate,
            padding: padding.blocks ?? 'symmetric',
          });
          scope.endpoint(block, x);
        });
        const isBeforeStride = placed[s + 1]?.stride !== 1;
        if (isBeforeStride) {
          tap({ name: `stage${s + 1}`, value: x, stride: stage.outputStride, activated: false });
        }
      });

      if (lastConv) {
        // never narrower than the paper's
        const channels = makeDivisible(1280 * Math.max(1, widthMultiplier), channelDivisor);
        x = convUnit(scope.child('last'), x, { ...unit, channels });
        tap({ name: 'last', value: x, stride: placed[placed.length - 1].outputStride, activated: true });
      }
      return { features, last: scope.endpoint('features', x), lowLevel: 'stage2' };
    },
  };
}

/** MobileNetV2 (Sandler et al. 2018): blocks end without an activation, and so do its taps. */
export const mobilenetV2: EncoderFamily = {
  name: 'mobilenet-v2',
  variants,
  options,
  build,
  blockOf: (layer) => /^(stage\d+\/block\d+|last\b)/.exec(layer)?.[0],
  namings,
};
