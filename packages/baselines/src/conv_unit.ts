import {
  type ActivationFunction,
  activation,
  batchNorm,
  type ConvOptions,
  conv2d,
  depthwiseConv2d,
  type Scope,
  type Value,
} from '@atrous/graph';

interface UnitOptions extends ConvOptions {
  readonly epsilon: number;
  readonly activation: ActivationFunction | 'none';
}

function normAndActivation(scope: Scope, x: Value, options: UnitOptions): Value {
  const y = batchNorm(scope, x, options.epsilon);
  return options.activation === 'none' ? y : activation(scope, y, options.activation);
}

/** Convolution, batch norm, activation: [N,H,W,C] to [N,H',W',channels]. */
export function convUnit(
  scope: Scope,
  x: Value,
  options: UnitOptions & { readonly channels: number },
): Value {
  return normAndActivation(scope, conv2d(scope, x, options), options);
}

/** Depthwise convolution, batch norm, activation: [N,H,W,C] to [N,H',W',C]. */
export function depthwiseUnit(scope: Scope, x: Value, options: UnitOptions): Value {
  return normAndActivation(scope, depthwiseConv2d(scope, x, options), options);
}
