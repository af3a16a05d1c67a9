import {
  activation,
  concat,
  convBatchNormRelu,
  type EncoderFeatures,
  resizeLike,
  type Scope,
  type Value,
} from '@atrous/graph';
import { type ResizeConvention, unknownName } from '@atrous/tensor';
import { separableConvRelu } from './aspp.ts';

export interface DecoderOptions {
  /** The encoder's tap, and whether a ReLU stands on it (timm and smp: yes; TensorFlow's DeepLab: no). */
  readonly lowLevel: { readonly endpoint?: string; readonly relu: boolean };
  readonly lowLevelChannels: number;
  readonly channels: number;
  /** How many separable 3×3 convolutions refine the result. */
  readonly convolutions: number;
  readonly resize: ResizeConvention;
  readonly epsilon: number;
}

/** DeepLabV3+'s decoder (Chen et al. 2018, figure 2): the ASPP's output meets low-level features at stride 4. */
export function decoder(
  scope: Scope,
  asppOutput: Value,
  encoder: EncoderFeatures,
  options: DecoderOptions,
): Value {
  const { channels, lowLevelChannels, epsilon, resize } = options;
  const name = options.lowLevel.endpoint ?? encoder.lowLevel;
  const tap = encoder.features.find((feature) => feature.name === name);
  if (!tap)
    throw unknownName(
      'low-level endpoint',
      name,
      encoder.features.map((feature) => feature.name),
    );

  const lowLevel = scope.child('low_level');
  const raw = options.lowLevel.relu ? activation(lowLevel.child('input'), tap.value) : tap.value;
  const skip = convBatchNormRelu(lowLevel, raw, { channels: lowLevelChannels, epsilon });
  let x = concat(scope, [resizeLike(scope, asppOutput, skip, resize), skip]);
  for (let i = 1; i <= options.convolutions; i++) {
    x = separableConvRelu(scope.child(`conv${i}`), x, { channels, epsilon });
  }
  return x;
}
