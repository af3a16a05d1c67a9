import {
  type Encoder,
  type EncoderFamily,
  type Feature,
  maxPool,
  type OptionRules,
  placeStrides,
  scaleChannels,
} from '@atrous/graph';
import { unknownName } from '@atrous/tensor';
import { convUnit } from '../conv_unit.ts';
import { blockRates, type DilateFrom } from '../dilation.ts';
import { channelDivisorRule, epsilonRule, multiGridRule, widthMultiplierRule } from '../option_rules.ts';
import { basicBlock, bottleneck } from './block.ts';
import { namings } from './namings.ts';
import { variants } from './variants.ts';

export interface ResNetOptions {
  /** Which convolution of a bottleneck carries the stride: `conv1` in the paper and in Keras, `conv2` in v1.5. @default 'conv2' */
  readonly strideOn?: 'conv1' | 'conv2';
  /** Whether convolutions have a bias, as in Keras. @default false */
  readonly bias?: boolean;
  /** Batch norm epsilon. @default 1e-5 */
  readonly epsilon?: number;
  /** @default 'next-block' */
  readonly dilateFrom?: Exclude<DilateFrom, 'next-stage'>;
  /** Rates of the last stage's blocks, times the stage's own (DeepLabV3, section 3.2). @default all 1 */
  readonly multiGrid?: readonly number[];
  /** Channels relative to the paper. @default 1 */
  readonly widthMultiplier?: number;
  /** Scaled channels are multiples of this. @default 8 */
  readonly channelDivisor?: number;
}

const options: OptionRules = {
  strideOn: { kind: 'choice', of: ['conv1', 'conv2'] },
  bias: { kind: 'flag' },
  epsilon: epsilonRule,
  dilateFrom: { kind: 'choice', of: ['next-block', 'same-block'] },
  multiGrid: multiGridRule,
  widthMultiplier: widthMultiplierRule,
  channelDivisor: channelDivisorRule,
};

function build(name: string, options: ResNetOptions = {}): Encoder {
  if (!Object.hasOwn(variants, name)) throw unknownName('encoder', name, Object.keys(variants));
  const variant = variants[name];
  const { strideOn = 'conv2', bias = false, epsilon = 1e-5 } = options;
  const { dilateFrom = 'next-block', multiGrid = [] } = options;
  const width = { multiplier: options.widthMultiplier ?? 1, divisor: options.channelDivisor ?? 8 };
  const block = variant.block === 'basic' ? basicBlock : bottleneck;

  return {
    name,
    build(scope, image, { outputStride }) {
      const features: Feature[] = [];
      const tap = (feature: Feature) =>
        features.push({ ...feature, value: scope.endpoint(feature.name, feature.value) });

      const stem = scope.child('conv1');
      const channels = scaleChannels(64, width);
      let x = convUnit(stem, image, { channels, kernel: 7, stride: 2, bias, epsilon, activation: 'relu' });
      tap({ name: 'conv1', value: x, stride: 2, activated: true });
      x = maxPool(scope, x, { kernel: 3, stride: 2, padding: [1, 1, 1, 1] });

      placeStrides(variant.stages, outputStride, 4).forEach((stage, s) => {
        const isLast = s === variant.stages.length - 1;
        blockRates(stage, stage.blocks, dilateFrom).forEach((rate, b) => {
          const grid = isLast ? (multiGrid[b] ?? 1) : 1;
          x = block(scope.child(`stage${s + 1}/block${b + 1}`), x, {
            width: scaleChannels(stage.width, width),
            stride: b === 0 ? stage.effectiveStride : 1,
            rate: rate * grid,
            nextRate: stage.nextRate * grid,
            projects: b === 0 && (stage.stride === 2 || variant.block === 'bottleneck'),
            strideOn,
            bias,
            epsilon,
          });
          scope.endpoint(`stage${s + 1}/block${b + 1}`, x);
        });
        tap({ name: `stage${s + 1}`, value: x, stride: stage.outputStride, activated: true });
      });
      return { features, last: scope.endpoint('features', x), lowLevel: 'stage1' };
    },
  };
}

/** ResNet-18 to 152 (He et al. 2016), with the stride on the 3×3 convolution unless told otherwise. */
export const resnet: EncoderFamily = {
  name: 'resnet',
  variants,
  options,
  build,
  blockOf: (layer) => /^stage\d+\/block\d+/.exec(layer)?.[0],
  namings,
};
