import {
  type ActivationFunction,
  activation,
  conv2d,
  type Encoder,
  type EncoderFeatures,
  type Feature,
  type OutputStride,
  placeStrides,
  type Scope,
  scaleChannels,
  type Value,
} from '@atrous/graph';
import { AtrousError, unknownName } from '@atrous/tensor';
import { type BlockOptions, type BuiltBlock, blocks } from './blocks.ts';
import { convolution, paddings, pool } from './layers.ts';
import type { Variant, XceptionPadding } from './variant.ts';
import { type VariantName, variantNames, variants } from './variants.ts';

export interface XceptionOptions {
  /** Channels relative to the paper. @default 1 */
  readonly widthMultiplier?: number;
  /** Scaled channels are multiples of this. @default 8 */
  readonly channelDivisor?: number;
  /** Batch norm epsilon. @default the variant's */
  readonly epsilon?: number;
  /** One convention for stem and pools, or one for each. @default the variant's */
  readonly padding?: XceptionPadding['pool'] | Partial<XceptionPadding>;
  /** Rates of exit_flow/block2's convolutions, times the block's own (DeepLabV3, section 3.2). @default all 1 */
  readonly multiGrid?: readonly number[];
  /** Between depthwise and pointwise (Chollet 2017, section 4.7). @default 'none' */
  readonly separableActivation?: ActivationFunction | 'none';
  /** Which part of a separable convolution comes first; `pointwise-first` is the modified one. @default 'depthwise-first' */
  readonly order?: 'depthwise-first' | 'pointwise-first';
  /** Whether residual connections stand (Chollet 2017, section 4.6). @default true */
  readonly residual?: boolean;
  /**
   * Which shortcuts are projections: those of the table (TF-slim), or only those that need one at this output stride
   * (timm, whose xception71 has one less at output stride 8). @default 'nominal'
   */
  readonly shortcuts?: 'nominal' | 'effective';
  /** Which shortcuts see the block's input after its ReLU, as where PyTorch computes that ReLU in place. @default 'none' */
  readonly activatedShortcut?: BlockOptions['activatedShortcut'];
  /** Whether a ReLU begins exit_flow/block2, in place of the ones inside its separable convolutions. @default the variant's */
  readonly exitActivation?: 'before' | 'after';
  /** Whether a ReLU ends the encoder. @default the variant's */
  readonly lastActivation?: boolean;
  /** What a stride that the output stride took away dilates. @default both */
  readonly dilates?: {
    /** The convolution that carried the stride, too, where earlier strides were taken away. */
    readonly strided?: boolean;
    /** exit_flow/block2, for the stride of the block before it. */
    readonly exit?: boolean;
  };
  /** The tap that a DeepLab decoder takes: a block, or one of its convolutions. @default the variant's */
  readonly lowLevel?: string;
  /** Whether taps are handed on before the ReLU after them (TensorFlow's DeepLab) or after it (timm). @default 'before' */
  readonly taps?: 'before' | 'after';
}

/**
 * An encoder of the Xception family.
 * @example xception('xception65', { multiGrid: [1, 2, 4] })
 * @throws AtrousError `input` for an unknown variant or an option out of range
 */
export function xception(name: VariantName, options: XceptionOptions = {}): Encoder {
  const variant = Object.hasOwn(variants, name) ? variants[name] : undefined;
  if (!variant) throw unknownName('encoder', name, variantNames);
  const width = { multiplier: options.widthMultiplier ?? 1, divisor: options.channelDivisor ?? 8 };
  if (!(width.multiplier > 0) || !(width.divisor >= 1)) {
    throw new AtrousError('input', `${name}: widthMultiplier and channelDivisor must be positive`);
  }
  const padding =
    typeof options.padding === 'string' ? { stem: options.padding, pool: options.padding } : options.padding;
  const shared: BlockOptions = {
    epsilon: variant.epsilon === 'none' ? 'none' : (options.epsilon ?? variant.epsilon),
    padding: { ...variant.padding, ...padding },
    order: options.order ?? 'depthwise-first',
    between: options.separableActivation ?? 'none',
    residual: options.residual ?? true,
    activatedShortcut: options.activatedShortcut ?? 'none',
  };
  const network = { variant, shared, options, scaled: (channels: number) => scaleChannels(channels, width) };
  return { name, build: (scope, image, { outputStride }) => build(scope, image, outputStride, network) };
}

interface Network {
  readonly variant: Variant;
  readonly shared: BlockOptions;
  readonly options: XceptionOptions;
  scaled(channels: number): number;
}

/** Stem, then the blocks of entry, middle and exit flow; a tap before every stride, and one at the end. */
function build(scope: Scope, image: Value, outputStride: OutputStride, network: Network): EncoderFeatures {
  const { variant, shared, options } = network;
  const rows = builtBlocks(outputStride, network);
  const lowLevel = options.lowLevel ?? variant.lowLevel;
  const tapNames = new Set([...rows.flatMap((row, i) => tapOf(variant, row, rows[i + 1])), lowLevel]);
  const features: Feature[] = [];
  const tap = (name: string, value: Value, stride: number, activated = false) => {
    scope.endpoint(name, value);
    if (!tapNames.has(name)) return;
    if (activated || options.taps !== 'after') features.push({ name, value, stride, activated });
    else {
      const after = `${name}/tap`;
      const rectified = scope.endpoint(after, activation(scope.child(after), value));
      features.push({ name: after, value: rectified, stride, activated: true });
    }
  };

  let x = stem(scope, image, network);
  if (variant.stemPool) tap('entry_flow/pool', x, rows[0].inputStride, true);
  for (const row of rows) {
    const { output, convolutions } = blocks[variant.style](scope.child(row.name), x, row, shared);
    convolutions.forEach((value, i) => {
      const isLast = i === convolutions.length - 1 && variant.style !== 'pooled';
      tap(`${row.name}/conv${i + 1}`, value, isLast ? row.outputStride : row.inputStride);
    });
    tap(row.name, output, row.outputStride, variant.style === 'bottleneck');
    x = output;
  }
  const ends = options.lastActivation ?? variant.lastActivation;
  const last = ends ? activation(scope.child(rows.at(-1)!.name.split('/')[0]), x) : x;
  scope.endpoint('features', last);
  const handedOn = ({ name }: Feature) => name === lowLevel || name === `${lowLevel}/tap`;
  return { features, last, lowLevel: features.find(handedOn)?.name ?? lowLevel };
}

/** Ordinary 3×3 convolutions with batch norm and ReLU; in the pre-activation style the last one is bare. */
function stem(scope: Scope, image: Value, { variant, shared, scaled }: Network): Value {
  const entry = scope.child('entry_flow');
  let x = image;
  variant.stem.forEach(({ channels, stride }, i) => {
    const conv = entry.child(`conv${i + 1}`);
    const shape = { channels: scaled(channels), kernel: 3, stride, padding: paddings[shared.padding.stem] };
    const isBare = variant.style === 'preactivated' && i === variant.stem.length - 1;
    x = scope.endpoint(
      `entry_flow/conv${i + 1}`,
      isBare ? conv2d(conv, x, shape) : convolution(conv, x, shape, shared),
    );
    if (!isBare) x = activation(conv, x);
  });
  return variant.stemPool ? pool(entry, x, 2, shared) : x;
}

/** The variant's blocks for one output stride, as its options want them. */
function builtBlocks(outputStride: OutputStride, { variant, options, scaled }: Network): BuiltBlock[] {
  const stemStride = [...variant.stem, { stride: variant.stemPool ? 2 : 1 }].reduce(
    (all, { stride }) => all * stride,
    1,
  );
  const { strided = true, exit = true } = options.dilates ?? {};
  const placed = placeStrides(variant.blocks, outputStride, stemStride);
  return placed.map((row, i) => {
    const isLast = i === placed.length - 1;
    const inputWidth = i === 0 ? variant.stem.at(-1)!.channels : placed[i - 1].widths.at(-1);
    const isSameShape = row.effectiveStride === 1 && row.widths.at(-1) === inputWidth;
    const base = isLast && !exit ? (placed[i - 1]?.rate ?? row.rate) : row.rate;
    // What follows the stride inside a block runs at the rate of the next one.
    const follows = (k: number) => variant.style === 'bottleneck' && k > 0;
    return {
      ...row,
      skip: row.skip === 'conv' && isSameShape && options.shortcuts === 'effective' ? 'sum' : row.skip,
      leading:
        row.skip === 'none' && options.exitActivation ? options.exitActivation === 'before' : row.leading,
      widths: row.widths.map(scaled),
      ranks: row.ranks?.map((rank) => rank && scaled(rank)),
      rates: row.widths.map((_, k) => {
        const carriesStride = row.stride === 2 && k === row.widths.length - 1;
        if (carriesStride && !strided) return 1;
        return (follows(k) ? row.nextRate : base) * (isLast ? (options.multiGrid?.[k] ?? 1) : 1);
      }),
    };
  });
}

/** The taps of a stage: the second convolution of a block with a stride, and what ends the encoder. */
function tapOf({ style }: Variant, row: BuiltBlock, next?: BuiltBlock): string[] {
  if (style === 'bottleneck') return !next || next.stride === 2 ? [row.name] : [];
  const strided = row.stride === 2 ? [`${row.name}/conv2`] : [];
  if (next) return strided;
  return [...strided, row.skip === 'none' ? `${row.name}/conv${row.widths.length}` : row.name];
}
