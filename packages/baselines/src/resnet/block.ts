import { activation, add, type Scope, type Value } from '@atrous/graph';
import { convUnit } from '../conv_unit.ts';

export interface BlockOptions {
  /** Channels of the 3×3 convolutions. */
  readonly width: number;
  readonly stride: 1 | 2;
  /** Atrous rate of the 3×3 convolution that carries the stride. */
  readonly rate: number;
  /** Of the convolution after it, in a basic block. */
  readonly nextRate: number;
  /** Whether a 1×1 convolution stands on the shortcut: from the paper's table, never from the effective stride. */
  readonly projects: boolean;
  /** Which convolution of a bottleneck carries the stride: `conv2` is what is called v1.5. */
  readonly strideOn: 'conv1' | 'conv2';
  readonly bias: boolean;
  readonly epsilon: number;
}

/** He et al. 2016, figure 5, left. */
export function basicBlock(scope: Scope, x: Value, options: BlockOptions): Value {
  const { width: channels, stride, rate, nextRate, bias, epsilon } = options;
  const unit = { kernel: 3, bias, epsilon };
  let y = convUnit(scope.child('conv1'), x, { ...unit, channels, stride, rate, activation: 'relu' });
  y = convUnit(scope.child('conv2'), y, { ...unit, channels, rate: nextRate, activation: 'none' });
  return activation(scope, add(scope, y, shortcut(scope, x, channels, options)));
}

/** He et al. 2016, figure 5, right. */
export function bottleneck(scope: Scope, x: Value, options: BlockOptions): Value {
  const { width, stride, rate, strideOn, bias, epsilon } = options;
  const unit = { bias, epsilon, activation: 'relu' } as const;
  const strideOf = (name: BlockOptions['strideOn']) => (strideOn === name ? stride : 1);
  let y = convUnit(scope.child('conv1'), x, { ...unit, channels: width, stride: strideOf('conv1') });
  y = convUnit(scope.child('conv2'), y, {
    ...unit,
    channels: width,
    kernel: 3,
    stride: strideOf('conv2'),
    rate,
  });
  y = convUnit(scope.child('conv3'), y, { ...unit, channels: 4 * width, activation: 'none' });
  return activation(scope, add(scope, y, shortcut(scope, x, 4 * width, options)));
}

function shortcut(scope: Scope, x: Value, channels: number, options: BlockOptions): Value {
  const { projects, stride, bias, epsilon } = options;
  if (!projects) return x;
  return convUnit(scope.child('shortcut'), x, { channels, stride, bias, epsilon, activation: 'none' });
}
