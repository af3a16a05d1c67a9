import {
  activation,
  batchNorm,
  conv2d,
  type Encoder,
  type EncoderFamily,
  type Feature,
  maxPool,
  type OptionRules,
  placeStrides,
  scaleChannels,
} from '@atrous/graph';
import { unknownName } from '@atrous/tensor';
import { channelDivisorRule, epsilonRule, widthMultiplierRule } from '../option_rules.ts';
import { namings } from './namings.ts';
import { variants } from './variants.ts';

export interface VggOptions {
  /** Batch norm epsilon of the `_bn` variants. @default 1e-5 */
  readonly epsilon?: number;
  /** Channels relative to the paper. @default 1 */
  readonly widthMultiplier?: number;
  /** Scaled channels are multiples of this. @default 8 */
  readonly channelDivisor?: number;
}

const options: OptionRules = {
  epsilon: epsilonRule,
  widthMultiplier: widthMultiplierRule,
  channelDivisor: channelDivisorRule,
};

function build(name: string, options: VggOptions = {}): Encoder {
  if (!Object.hasOwn(variants, name)) throw unknownName('encoder', name, Object.keys(variants));
  const variant = variants[name];
  const { epsilon = 1e-5 } = options;
  const width = { multiplier: options.widthMultiplier ?? 1, divisor: options.channelDivisor ?? 8 };

  return {
    name,
    build(scope, image, { outputStride }) {
      const features: Feature[] = [];
      const tap = (feature: Feature) => {
        features.push(feature);
        scope.endpoint(feature.name, feature.value);
      };

      let x = image;
      placeStrides(variant.stages, outputStride, 1).forEach((stage, s) => {
        const here = scope.child(`stage${s + 1}`);
        const channels = scaleChannels(stage.channels, width);
        for (let c = 1; c <= stage.convolutions; c++) {
          const conv = here.child(`conv${c}`);
          x = conv2d(conv, x, { channels, kernel: 3, rate: stage.rate, bias: true });
          if (variant.batchNorm) x = batchNorm(conv, x, epsilon);
          x = activation(conv, x);
        }
        tap({ name: `stage${s + 1}`, value: x, stride: stage.inputStride, activated: true });
        // A pool that loses its stride keeps the size; it does not dilate.
        const isKept = stage.effectiveStride === 2;
        x = maxPool(here, x, {
          kernel: 2,
          stride: stage.effectiveStride,
          padding: isKept ? [0, 0, 0, 0] : [0, 1, 0, 1],
        });
        if (s === variant.stages.length - 1) {
          tap({ name: 'features', value: x, stride: stage.outputStride, activated: true });
        }
      });
      return { features, last: x, lowLevel: 'stage3' };
    },
  };
}

/** VGG-11 to 19 (Simonyan and Zisserman 2015): convolutions and pools; a stage's tap is what its pool reads. */
export const vgg: EncoderFamily = {
  name: 'vgg',
  variants,
  options,
  build,
  blockOf: (layer) => /^stage\d/.exec(layer)?.[0],
  namings,
};
