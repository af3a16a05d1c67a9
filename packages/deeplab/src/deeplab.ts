import {
  buildGraph,
  type Encoder,
  type Graph,
  imageInput,
  type OutputStride,
  type Value,
} from '@atrous/graph';
import { AtrousError, type ResizeConvention } from '@atrous/tensor';
import { type AsppBranch, type AsppOptions, aspp, logitsConv } from './aspp.ts';
import { type DecoderOptions, decoder } from './decoder.ts';

export interface DeepLabOptions {
  /** Output classes; 0 leaves the classifier out. */
  readonly classes: number;
  /** @default 16 */
  readonly outputStride?: OutputStride;
  /** @default align-corners, as TensorFlow's DeepLab */
  readonly resize?: ResizeConvention;
  /** Batch norm epsilon of ASPP and decoder. @default 1e-5 */
  readonly epsilon?: number;
  readonly aspp?: Partial<Pick<AsppOptions, 'rates' | 'channels' | 'concat' | 'separable'>>;
}

export interface DeepLabPlusOptions extends DeepLabOptions {
  readonly decoder?: Partial<
    Pick<DecoderOptions, 'lowLevel' | 'lowLevelChannels' | 'channels' | 'convolutions'>
  >;
}

/** Rates 6, 12, 18 at output stride 16; doubled at 8, halved at 32 (Chen et al. 2017, section 3.3). */
export function asppRates(outputStride: OutputStride): readonly number[] {
  return [6, 12, 18].map((rate) => (rate * 16) / outputStride);
}

/** The order of TensorFlow's DeepLab. */
export const asppConcat: readonly AsppBranch[] = ['pool', '1x1', 'rate0', 'rate1', 'rate2'];

const asppDefaults = { channels: 256, concat: asppConcat, separable: true } as const;
const decoderDefaults = {
  lowLevel: { relu: false },
  lowLevelChannels: 48,
  channels: 256,
  convolutions: 2,
} as const;

/**
 * DeepLabV3 on any encoder (Chen et al. 2017): `image` [N,H,W,3] to `logits` at the output stride.
 * Endpoints besides the encoder's: `features`, `aspp`.
 */
export function deeplabV3(encoder: Encoder, options: DeepLabOptions): Graph {
  return build(encoder, options);
}

/**
 * DeepLabV3+ on any encoder (Chen et al. 2018): `image` [N,H,W,3] to `logits` at the low-level tap's stride, 4.
 * Endpoints besides the encoder's: `features`, `aspp`, `decoder`.
 */
export function deeplabV3Plus(encoder: Encoder, options: DeepLabPlusOptions): Graph {
  return build(encoder, options, { ...decoderDefaults, ...options.decoder });
}

function build(
  encoder: Encoder,
  options: DeepLabOptions,
  plus?: Pick<DecoderOptions, 'lowLevel' | 'lowLevelChannels' | 'channels' | 'convolutions'>,
): Graph {
  const { classes, outputStride = 16, resize = 'align-corners', epsilon = 1e-5 } = options;
  if (!Number.isInteger(classes) || classes < 0) {
    throw new AtrousError('input', `deeplab: expected a number of classes, got ${classes}`);
  }
  return buildGraph(imageInput(), (root, { image }): Record<string, Value> => {
    const features = encoder.build(root.child('encoder'), image, { outputStride });
    const pyramid = aspp(root.child('aspp'), features.last, {
      ...asppDefaults,
      rates: asppRates(outputStride),
      ...options.aspp,
      resize,
      epsilon,
    });
    root.endpoint('aspp', pyramid);
    const refined = plus && decoder(root.child('decoder'), pyramid, features, { ...plus, resize, epsilon });
    if (refined) root.endpoint('decoder', refined);
    const last = refined ?? pyramid;
    if (classes === 0) return refined ? { decoder: last } : { aspp: last };
    return { logits: logitsConv(root.child('classifier'), last, classes) };
  });
}
