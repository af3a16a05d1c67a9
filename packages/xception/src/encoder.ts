import {
  type ActivationFunction,
  activation,
  batchNorm,
  conv2d,
  type Encoder,
  type EncoderFeatures,
  type Feature,
  type OutputStride,
  type Padding,
  placeStrides,
  type Scope,
  scaleChannels,
  symmetricPadding,
  type Value,
} from '@atrous/graph';
import { AtrousError, unknownName } from '@atrous/tensor';
import { block } from './block.ts';
import { type VariantName, variants, type XceptionPadding } from './variants.ts';

export interface XceptionOptions {
  /** Channels relative to the paper. @default 1 */
  readonly widthMultiplier?: number;
  /** Scaled channels are multiples of this. @default 8 */
  readonly channelDivisor?: number;
  /** Batch norm epsilon. @default the variant's */
  readonly epsilon?: number;
  /** @default the variant's */
  readonly padding?: Partial<XceptionPadding>;
  /** Rates of exit_flow/block2's convolutions, times the block's own (DeepLabV3, section 3.2). @default all 1 */
  readonly multiGrid?: readonly number[];
  /** Between depthwise and pointwise (Chollet 2017, section 4.7). @default 'none' */
  readonly separableActivation?: ActivationFunction | 'none';
  /** Whether residual connections stand (Chollet 2017, section 4.6). @default true */
  readonly residual?: boolean;
}

const stemPadding: Record<XceptionPadding['stem'], Padding> = {
  symmetric: symmetricPadding([3, 3], [1, 1]),
  same: 'same',
  valid: [0, 0, 0, 0],
};

/**
 * An encoder of the Xception family.
 * @example xception('xception65', { multiGrid: [1, 2, 4] })
 * @throws AtrousError `input` for an unknown variant or an option out of range
 */
export function xception(name: VariantName, options: XceptionOptions = {}): Encoder {
  if (!Object.hasOwn(variants, name)) throw unknownName('encoder', name, Object.keys(variants));
  const variant = variants[name];
  const {
    multiGrid = [],
    separableActivation = 'none',
    residual = true,
    epsilon = variant.epsilon,
  } = options;
  const padding = { ...variant.padding, ...options.padding };
  const width = { multiplier: options.widthMultiplier ?? 1, divisor: options.channelDivisor ?? 8 };
  if (!(width.multiplier > 0) || !(width.divisor >= 1)) {
    throw new AtrousError('input', `${name}: widthMultiplier and channelDivisor must be positive`);
  }
  const scaled = (channels: number) => scaleChannels(channels, width);

  return {
    name,
    build(scope: Scope, image: Value, { outputStride }: { outputStride: OutputStride }): EncoderFeatures {
      const entry = scope.child('entry_flow');
      const blocks = placeStrides(variant.blocks, outputStride).map((row) => ({
        ...row,
        widths: row.widths.map(scaled),
      }));
      const tapped: Feature[] = [];

      // Entry flow: two ordinary convolutions …
      const first = entry.child('conv1');
      let x = conv2d(first, image, {
        channels: scaled(variant.stem[0]),
        kernel: 3,
        stride: 2,
        padding: stemPadding[padding.stem],
      });
      x = activation(first, batchNorm(first, x, epsilon));
      const second = entry.child('conv2');
      x = conv2d(second, x, {
        channels: scaled(variant.stem[1]),
        kernel: 3,
        padding: stemPadding[padding.stem],
      });
      if (variant.style !== 'preactivation') x = batchNorm(second, x, epsilon);
      scope.endpoint('entry_flow/conv2', x);
      if (variant.style !== 'preactivation') x = activation(second, x);

      // … then the blocks of entry, middle and exit flow.
      blocks.forEach((row, i) => {
        const isLast = i === blocks.length - 1;
        const { output, convolutions } = block(scope.child(row.name), x, row, {
          style: variant.style,
          epsilon,
          padding,
          between: separableActivation,
          residual,
          leadingActivation: !(variant.style === 'chollet' && i === 0),
          grid: isLast ? multiGrid : [],
        });
        convolutions.forEach((value, k) => {
          scope.endpoint(`${row.name}/conv${k + 1}`, value);
        });
        scope.endpoint(row.name, output);
        if (row.stride === 2) {
          tapped.push({
            name: `${row.name}/conv2`,
            value: convolutions[1],
            stride: row.inputStride,
            activated: false,
          });
        }
        if (isLast) {
          const stride = row.inputStride * row.effectiveStride;
          const deepest = convolutions.length;
          tapped.push(
            row.skip === 'none'
              ? {
                  name: `${row.name}/conv${deepest}`,
                  value: convolutions[deepest - 1],
                  stride,
                  activated: false,
                }
              : { name: row.name, value: output, stride, activated: false },
          );
        }
        x = output;
      });
      // A block that activates before its convolutions leaves its sum as it is.
      const { name: lastBlock, activation: order } = blocks[blocks.length - 1];
      const isActivated = order === 'after' && variant.style !== 'preactivation';
      const last = isActivated ? x : activation(scope.child(lastBlock.split('/')[0]), x);
      scope.endpoint('features', last);
      return { features: tapped, last, lowLevel: variant.lowLevel };
    },
  };
}
