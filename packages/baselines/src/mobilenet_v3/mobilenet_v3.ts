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
import { invertedResidual } from '../inverted_residual.ts';
import { makeDivisible } from '../make_divisible.ts';
import { channelDivisorRule, epsilonRule, widthMultiplierRule } from '../option_rules.ts';
import { namings } from './namings.ts';
import { variants } from './variants.ts';

export interface MobileNetV3Options {
  /** Of all convolutions that have a kernel. @default 'symmetric' */
  readonly padding?: 'symmetric' | 'same';
  /** Batch norm epsilon. @default 1e-3 */
  readonly epsilon?: number;
  /** @default 'next-block' */
  readonly dilateFrom?: Exclude<DilateFrom, 'next-stage'>;
  /** Channels relative to the paper. @default 1 */
  readonly widthMultiplier?: number;
  /** Scaled channels are multiples of this. @default 8 */
  readonly channelDivisor?: number;
}

const options: OptionRules = {
  padding: { kind: 'choice', of: ['symmetric', 'same'] },
  epsilon: epsilonRule,
  dilateFrom: { kind: 'choice', of: ['next-block', 'same-block'] },
  widthMultiplier: widthMultiplierRule,
  channelDivisor: channelDivisorRule,
};

function build(name: string, options: MobileNetV3Options = {}): Encoder {
  if (!Object.hasOwn(variants, name)) throw unknownName('encoder', name, Object.keys(variants));
  const variant = variants[name];
  const { padding = 'symmetric', epsilon = 1e-3, dilateFrom = 'next-block' } = options;
  const { widthMultiplier = 1, channelDivisor = 8 } = options;
  const scaled = (channels: number) => makeDivisible(channels * widthMultiplier, channelDivisor);

  return {
    name,
    build(scope, image, { outputStride }) {
      const features: Feature[] = [];
      const tap = (feature: Feature) => {
        features.push(feature);
        scope.endpoint(feature.name, feature.value);
      };

      let x = convUnit(scope.child('stem'), image, {
        channels: scaled(16),
        kernel: 3,
        stride: 2,
        padding: padding === 'same' ? 'same' : [1, 1, 1, 1],
        epsilon,
        activation: 'hardswish',
      });

      const placed = placeStrides(variant.stages, outputStride);
      placed.forEach((stage, s) => {
        blockRates(stage, stage.expanded.length, dilateFrom).forEach((rate, b) => {
          const block = `stage${s + 1}/block${b + 1}`;
          const expanded = scaled(stage.expanded[b]);
          x = invertedResidual(scope.child(block), x, {
            expanded,
            channels: scaled(stage.channels),
            kernel: stage.kernel,
            stride: b === 0 ? stage.stride : 1,
            effectiveStride: b === 0 ? stage.effectiveStride : 1,
            rate,
            activation: stage.activation,
            squeezed: stage.squeezes ? makeDivisible(expanded / 4, channelDivisor) : undefined,
            epsilon,
            padding,
          });
          scope.endpoint(block, x);
        });
        const isBeforeStride = placed[s + 1]?.stride !== 1;
        if (isBeforeStride) {
          tap({ name: `stage${s + 1}`, value: x, stride: stage.outputStride, activated: false });
        }
      });

      const channels = scaled(variant.last);
      x = convUnit(scope.child('last'), x, { channels, epsilon, activation: 'hardswish' });
      tap({ name: 'last', value: x, stride: placed[placed.length - 1].outputStride, activated: true });
      return { features, last: scope.endpoint('features', x), lowLevel: variant.lowLevel };
    },
  };
}

/** MobileNetV3-Large and -Small (Howard et al. 2019): hard-swish, and squeeze-and-excite with a hard gate. */
export const mobilenetV3: EncoderFamily = {
  name: 'mobilenet-v3',
  variants,
  options,
  build,
  blockOf: (layer) => /^(stage\d+\/block\d+|last\b)/.exec(layer)?.[0],
  namings,
};
