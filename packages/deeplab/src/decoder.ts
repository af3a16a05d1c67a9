import { concat, type EncoderFeatures, resizeLike, type Scope, type Value } from '@atrous/graph';
import { type ResizeConvention, unknownName } from '@atrous/tensor';
import { type ConvolutionKind, convolutions, project } from './convolution.ts';

/** The 3×3 convolutions before the logits. */
export interface RefinementOptions {
  readonly channels: number;
  /** How many. */
  readonly convolutions: number;
  readonly convolution: ConvolutionKind;
  /** Whether its convolutions have biases. @default false */
  readonly bias?: boolean;
  readonly epsilon: number;
}

export interface DecoderOptions extends RefinementOptions {
  /** The encoder's tap, by its endpoint. @default the one that the encoder names */
  readonly lowLevel?: string;
  readonly lowLevelChannels: number;
  /** Whether the low-level channels come first in the concatenation. @default false */
  readonly lowLevelFirst?: boolean;
  readonly resize: ResizeConvention;
}

/** 3×3 convolutions one after the other; x itself where there are none. */
export function refinement(scope: Scope, x: Value, options: RefinementOptions): Value {
  let y = x;
  for (let i = 1; i <= options.convolutions; i++) {
    y = convolutions[options.convolution](scope.child(`conv${i}`), y, options);
  }
  return y;
}

/** DeepLabV3+'s decoder (Chen et al. 2018, figure 2): the ASPP's output meets low-level features at stride 4. */
export function decoder(
  scope: Scope,
  asppOutput: Value,
  encoder: EncoderFeatures,
  options: DecoderOptions,
): Value {
  const { lowLevelChannels, epsilon, bias, resize } = options;
  const name = options.lowLevel ?? encoder.lowLevel;
  const tap = encoder.features.find((feature) => feature.name === name);
  if (!tap) {
    const names = encoder.features.map((feature) => feature.name);
    throw unknownName('low-level endpoint', name, names);
  }
  const skip = project(scope.child('low_level'), tap.value, { channels: lowLevelChannels, epsilon, bias });
  const deep = resizeLike(scope, asppOutput, skip, resize);
  const x = concat(scope, options.lowLevelFirst ? [skip, deep] : [deep, skip]);
  return refinement(scope, x, options);
}
