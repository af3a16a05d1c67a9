import {
  activation,
  batchNorm,
  conv2d,
  convBatchNormRelu,
  type Scope,
  separableConv2d,
  type Value,
} from '@atrous/graph';

/**
 * What a 3×3 convolution of a DeepLab head is:
 * - `ordinary`: convolution, batch norm, ReLU (DeepLabV3)
 * - `separable`: batch norm and ReLU after both of its parts (TensorFlow's DeepLabV3+)
 * - `separable-after`: batch norm and ReLU after the pointwise part only (segmentation_models.pytorch)
 */
export type ConvolutionKind = 'ordinary' | 'separable' | 'separable-after';

export const convolutionKinds: readonly ConvolutionKind[] = ['ordinary', 'separable', 'separable-after'];

export interface ConvolutionOptions {
  readonly channels: number;
  /** Atrous rate. @default 1 */
  readonly rate?: number;
  readonly epsilon: number;
  /** Whether ordinary convolutions have a bias, although a batch norm follows. @default false */
  readonly bias?: boolean;
}

type ConvolutionFunction = (scope: Scope, x: Value, options: ConvolutionOptions) => Value;

/** A 3×3 convolution of a DeepLab head, after its ReLU. */
export const convolutions: Readonly<Record<ConvolutionKind, ConvolutionFunction>> = {
  ordinary: (scope, x, options) => convBatchNormRelu(scope, x, { ...options, kernel: 3 }),
  separable: (scope, x, { channels, rate, epsilon }) => {
    const y = separableConv2d(scope, x, { channels, rate, epsilon, norm: 'both', between: 'relu' });
    return activation(scope.child('pointwise'), y);
  },
  'separable-after': (scope, x, { channels, rate, epsilon }) => {
    const y = separableConv2d(scope, x, { channels, rate, epsilon, norm: 'after', between: 'none' });
    return activation(scope.child('pointwise'), y);
  },
};

/** A 1×1 convolution, batch norm, ReLU. */
export const project = (scope: Scope, x: Value, options: Omit<ConvolutionOptions, 'rate'>): Value =>
  activation(scope, batchNorm(scope, conv2d(scope, x, options), options.epsilon));

/** A 1×1 convolution with a bias to class logits. */
export const logitsConv = (scope: Scope, x: Value, classes: number): Value =>
  conv2d(scope, x, { channels: classes, bias: true });
