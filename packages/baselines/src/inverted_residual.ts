import {
  type ActivationFunction,
  activation,
  add,
  conv2d,
  globalAveragePool,
  multiply,
  type Scope,
  symmetricPadding,
  type Value,
} from '@atrous/graph';
import { convUnit, depthwiseUnit } from './conv_unit.ts';

/**
 * Where zeros are added around a depthwise convolution:
 * - `symmetric`: alike on both sides (PyTorch)
 * - `same`: Keras' and TensorFlow's rule
 * - `before-expansion`: alike on both sides, but before the 1×1 expansion, whose batch norm turns them into something
 *   else (the `fixed_padding` of VainF and jfzhang95)
 */
export type BlockPadding = 'symmetric' | 'same' | 'before-expansion';

export interface InvertedResidualOptions {
  /** Channels between the 1×1 convolutions; no expansion stands where they are the input's. */
  readonly expanded: number;
  readonly channels: number;
  readonly kernel: number;
  /** From the paper's table: it decides whether there is a sum. */
  readonly stride: 1 | 2;
  /** Of the depthwise convolution. */
  readonly effectiveStride: 1 | 2;
  readonly rate: number;
  /** After expansion and depthwise convolution. */
  readonly activation: ActivationFunction;
  /** Channels that the squeeze-and-excite goes through. @default it has none */
  readonly squeezed?: number;
  readonly epsilon: number;
  readonly padding: BlockPadding;
}

/**
 * 1×1 up, depthwise, 1×1 down without activation, and the sum where shapes allow one (Sandler et al. 2018, figure 3b;
 * with squeeze-and-excite: Howard et al. 2019, figure 4).
 */
export function invertedResidual(scope: Scope, x: Value, options: InvertedResidualOptions): Value {
  const { expanded, channels, kernel, rate, effectiveStride: stride, squeezed, epsilon } = options;
  const inputChannels = x.port.shape[3];
  const around = symmetricPadding([kernel, kernel], [rate, rate]);
  const isPaddedBefore = options.padding === 'before-expansion' && expanded !== inputChannels;
  const unit = { activation: options.activation, epsilon };

  let y = x;
  if (expanded !== inputChannels) {
    const padding = isPaddedBefore ? around : undefined;
    y = convUnit(scope.child('expand'), y, { ...unit, channels: expanded, padding });
  }
  const padding = isPaddedBefore ? 'valid' : options.padding === 'same' ? 'same' : 'around';
  y = depthwiseUnit(scope.child('depthwise'), y, {
    ...unit,
    kernel,
    stride,
    rate,
    padding: padding === 'valid' ? [0, 0, 0, 0] : padding === 'same' ? 'same' : around,
  });
  if (squeezed) y = squeezeExcite(scope.child('squeeze_excite'), y, squeezed);
  y = convUnit(scope.child('project'), y, { channels, epsilon, activation: 'none' });
  return options.stride === 1 && channels === inputChannels ? add(scope, x, y) : y;
}

/** Each channel times a gate that is computed from all channels' means (Hu et al. 2018, figure 3; the hard gate: Howard et al. 2019). */
function squeezeExcite(scope: Scope, x: Value, squeezed: number): Value {
  const reduce = scope.child('reduce');
  const expand = scope.child('expand');
  let gate = globalAveragePool(scope, x, { flatten: false });
  gate = activation(reduce, conv2d(reduce, gate, { channels: squeezed, bias: true }));
  gate = activation(expand, conv2d(expand, gate, { channels: x.port.shape[3]!, bias: true }), 'hardsigmoid');
  return multiply(scope, x, gate);
}
