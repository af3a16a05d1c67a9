import {
  type ActivationFunction,
  activation,
  add,
  conv2d,
  type Placed,
  type Scope,
  separableConv2d,
  type Value,
} from '@atrous/graph';
import { convolution, normalised, pool, type Shared, separable } from './layers.ts';
import type { Block, Style } from './variant.ts';

/** What all blocks of one network share. */
export interface BlockOptions extends Shared {
  /** Between the parts of separable convolutions, where the paper has nothing (Chollet 2017, section 4.7). */
  readonly between: ActivationFunction | 'none';
  /** Whether shortcuts stand (Chollet 2017, section 4.6). */
  readonly residual: boolean;
  /** Which shortcuts see the block's input after its ReLU, as where that ReLU is computed in place. */
  readonly activatedShortcut: 'none' | 'identity' | 'all';
}

/** A block as it is built: widths scaled, stride placed, an atrous rate for each of its convolutions. */
export interface BuiltBlock extends Block, Placed {
  readonly rates: readonly number[];
}

export interface BlockValues {
  /** After the shortcut. */
  readonly output: Value;
  /** Each separable convolution after its batch norm, before any activation. */
  readonly convolutions: readonly Value[];
}

type BlockFunction = (scope: Scope, input: Value, block: BuiltBlock, options: BlockOptions) => BlockValues;

/**
 * Chollet 2017, figure 5: `x → [ReLU → separable → batch norm]·n → max-pool`, plus a 1×1 convolution of x.
 * Nothing is activated after the sum: the next block begins with a ReLU.
 */
const pooled: BlockFunction = (scope, input, block, options) => {
  const { between } = options;
  const x = block.leading ? activation(scope.child('conv1'), input) : input;
  const convolutions = stack(scope, x, block, (conv, y, channels, i) =>
    separable(
      conv,
      y,
      { channels, rate: block.rates[i], norm: 'after', between, rank: block.ranks?.[i] },
      options,
    ),
  );
  const last = convolutions.at(-1)!;
  const y = block.stride === 2 ? pool(scope, last, block.effectiveStride, options) : last;
  return {
    output: withShortcut(scope, y, shortcutInput(input, x, block, options), block, options),
    convolutions,
  };
};

/**
 * Chen et al. 2018, figure 4: every max-pool has become a stride of the last depthwise convolution, and a batch norm
 * stands after each depthwise convolution, too. In the exit flow's last block ReLUs follow both parts.
 */
const aligned: BlockFunction = (scope, input, block, options) => {
  const between = block.skip === 'none' && !block.leading ? 'relu' : options.between;
  const x = block.leading ? activation(scope.child('conv1'), input) : input;
  const convolutions = stack(scope, x, block, (conv, y, channels, i) => {
    const stride = i === block.widths.length - 1 ? block.effectiveStride : 1;
    return separable(conv, y, { channels, stride, rate: block.rates[i], norm: 'both', between }, options);
  });
  const y = convolutions.at(-1)!;
  return {
    output: withShortcut(scope, y, shortcutInput(input, x, block, options), block, options),
    convolutions,
  };
};

/** timm's `p` variants: batch norm and ReLU before each separable convolution; the shortcut sees the first ReLU's output. */
const preactivated: BlockFunction = (scope, input, block, options) => {
  const { between, order } = options;
  const epsilon = options.epsilon as number;
  const x = normalised(scope, input, epsilon);
  const convolutions: Value[] = [];
  block.widths.forEach((channels, i) => {
    const conv = scope.child(`conv${i + 1}`);
    const y = i === 0 ? x : normalised(conv, convolutions[i - 1], epsilon);
    const stride = i === block.widths.length - 1 ? block.effectiveStride : 1;
    const rate = block.rates[i];
    convolutions.push(
      separableConv2d(conv, y, { channels, stride, rate, norm: 'none', between, epsilon, order }),
    );
  });
  const y = convolutions.at(-1)!;
  if (!options.residual || block.skip === 'none') return { output: y, convolutions };
  const [channels, stride] = [block.widths.at(-1)!, block.effectiveStride];
  const projection = scope.child('shortcut');
  return {
    output: add(scope, y, block.skip === 'sum' ? x : conv2d(projection, x, { channels, stride })),
    convolutions,
  };
};

/** Xception-39: the first convolution carries the stride, the projection is separable, a ReLU ends it. */
const bottleneck: BlockFunction = (scope, input, block, options) => {
  const { between, residual } = options;
  const stride = block.effectiveStride;
  const convolutions = stack(scope, input, block, (conv, y, channels, i) =>
    separable(
      conv,
      y,
      { channels, norm: 'after', between, stride: i === 0 ? stride : 1, rate: block.rates[i] },
      options,
    ),
  );
  const y = convolutions.at(-1)!;
  if (!residual) return { output: activation(scope, y), convolutions };
  const shortcut =
    block.skip === 'sum'
      ? input
      : separable(
          scope.child('shortcut'),
          input,
          { channels: block.widths.at(-1)!, stride, rate: block.rates[0], norm: 'after', between: 'none' },
          options,
        );
  return { output: activation(scope, add(scope, y, shortcut)), convolutions };
};

/** Separable convolutions one after the other, a ReLU between each two. */
function stack(
  scope: Scope,
  x: Value,
  { widths }: Block,
  convolve: (conv: Scope, y: Value, channels: number, index: number) => Value,
): Value[] {
  const values: Value[] = [];
  widths.forEach((channels, i) => {
    const conv = scope.child(`conv${i + 1}`);
    values.push(convolve(conv, i === 0 ? x : activation(conv, values[i - 1]), channels, i));
  });
  return values;
}

function shortcutInput(raw: Value, activated: Value, { skip }: Block, options: BlockOptions): Value {
  const sees = { none: false, identity: skip === 'sum', all: true };
  return sees[options.activatedShortcut] ? activated : raw;
}

/** The sum with the identity, or with a 1×1 convolution that has the block's stride. */
function withShortcut(scope: Scope, y: Value, x: Value, block: BuiltBlock, options: BlockOptions): Value {
  if (!options.residual || block.skip === 'none') return y;
  if (block.skip === 'sum') return add(scope, y, x);
  const shape = { channels: block.widths.at(-1)!, stride: block.effectiveStride };
  return add(scope, y, convolution(scope.child('shortcut'), x, shape, options));
}

export const blocks: Readonly<Record<Style, BlockFunction>> = { pooled, aligned, preactivated, bottleneck };
