import {
  type Encoder,
  type EncoderFamily,
  type Feature,
  type OptionRules,
  placeStrides,
  scaleChannels,
} from '@atrous/graph';
import { unknownName } from '@atrous/tensor';
import { channelDivisorRule, epsilonRule, widthMultiplierRule } from '../option_rules.ts';
import { inceptionModule, type ModuleOptions } from './module.ts';
import { namings } from './namings.ts';
import { variants } from './variants.ts';

export interface InceptionOptions {
  /** Batch norm epsilon. @default 1e-3 */
  readonly epsilon?: number;
  /** Whether average pools count their padding. @default as in PyTorch: Inception-v3's do */
  readonly countPadding?: boolean;
  /** Channels relative to the paper. @default 1 */
  readonly widthMultiplier?: number;
  /** Scaled channels are multiples of this. @default 8 */
  readonly channelDivisor?: number;
}

const options: OptionRules = {
  epsilon: epsilonRule,
  countPadding: { kind: 'flag' },
  widthMultiplier: widthMultiplierRule,
  channelDivisor: channelDivisorRule,
};

function build(name: string, options: InceptionOptions = {}): Encoder {
  if (!Object.hasOwn(variants, name)) throw unknownName('encoder', name, Object.keys(variants));
  const variant = variants[name];
  const width = { multiplier: options.widthMultiplier ?? 1, divisor: options.channelDivisor ?? 8 };
  const shared: ModuleOptions = {
    epsilon: options.epsilon ?? 1e-3,
    countPadding: options.countPadding ?? variant.countPadding,
    scaled: (channels) => scaleChannels(channels, width),
  };

  return {
    name,
    build(scope, image, { outputStride }) {
      const features: Feature[] = [];
      let x = image;
      for (const module of placeStrides(variant.modules, outputStride, 1)) {
        x = scope.endpoint(module.name, inceptionModule(scope.child(module.name), x, module, shared));
        if (!variant.taps.includes(module.name)) continue;
        features.push({ name: module.name, value: x, stride: module.outputStride, activated: true });
      }
      return { features, last: scope.endpoint('features', x), lowLevel: variant.taps[1] };
    },
  };
}

/**
 * Inception-v3, Inception-v4 and Inception-ResNet-v2 (Szegedy et al. 2016 and 2017). Stems and reductions are unpadded,
 * so that maps are some positions smaller than the picture divided by their stride; the smallest picture is 75×75.
 *
 * The originals have stride 32 only. Strides 16 and 8 follow the one rule: a reduction loses its stride, what comes after
 * dilates. Pools cannot, and widen to the same reach: only Inception-ResNet-v2 at 16, which has none there, gives the values of
 * stride 32 at more places.
 */
export const inception: EncoderFamily = {
  name: 'inception',
  variants,
  options,
  build,
  blockOf: (layer) => /^(mixed_|block|conv_)\w+/.exec(layer)?.[0],
  namings,
};
