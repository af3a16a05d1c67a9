import {
  buildGraph,
  type Encoder,
  type EncoderFeatures,
  type Graph,
  imageInput,
  type OutputStride,
  type Scope,
  type Value,
} from '@atrous/graph';
import { AtrousError, type ResizeConvention } from '@atrous/tensor';
import { type AsppBranch, type AsppOptions, aspp } from './aspp.ts';
import { logitsConv } from './convolution.ts';
import { type DecoderOptions, decoder, type RefinementOptions, refinement } from './decoder.ts';

interface CommonOptions {
  /** Output classes; 0 leaves the classifier out. */
  readonly classes: number;
  /** @default 16 */
  readonly outputStride?: OutputStride;
  /** @default align-corners, as TensorFlow's DeepLab */
  readonly resize?: ResizeConvention;
  /** Batch norm epsilon of ASPP and decoder. @default 1e-5 */
  readonly epsilon?: number;
  readonly aspp?: Partial<Omit<AsppOptions, 'resize' | 'epsilon'>>;
  /** Channels of the picture. @default 3 */
  readonly channels?: 1 | 3;
}

export interface DeepLabOptions extends CommonOptions {
  /** Convolutions between ASPP and logits. @default none */
  readonly decoder?: Partial<Omit<RefinementOptions, 'epsilon'>>;
}

export interface DeepLabPlusOptions extends CommonOptions {
  readonly decoder?: Partial<Omit<DecoderOptions, 'resize' | 'epsilon'>>;
}

/** Rates 6, 12, 18 at output stride 16; doubled at 8, halved at 32 (Chen et al. 2017, section 3.3). */
export function asppRates(outputStride: OutputStride): readonly number[] {
  return [6, 12, 18].map((rate) => (rate * 16) / outputStride);
}

/** The order of TensorFlow's DeepLab. */
export const asppConcat: readonly AsppBranch[] = ['pool', '1x1', 'rate0', 'rate1', 'rate2'];

const asppDefaults = { channels: 256, concat: asppConcat, convolution: 'separable' } as const;
const refinementDefaults = { channels: 256, convolutions: 0, convolution: 'separable' } as const;
const decoderDefaults = { ...refinementDefaults, convolutions: 2, lowLevelChannels: 48 } as const;

/**
 * DeepLabV3 on any encoder (Chen et al. 2017): `image` [N,H,W,3] to `logits` at the output stride.
 * Endpoints besides the encoder's: `features`, `aspp`, `decoder` where convolutions follow it.
 */
export function deeplabV3(encoder: Encoder, options: DeepLabOptions): Graph {
  const refine = { ...refinementDefaults, ...options.decoder };
  return build(encoder, options, (scope, pyramid, _, shared) =>
    refine.convolutions > 0 ? refinement(scope, pyramid, { ...refine, ...shared }) : undefined,
  );
}

/**
 * DeepLabV3+ on any encoder (Chen et al. 2018): `image` [N,H,W,3] to `logits` at the low-level tap's stride, 4.
 * Endpoints besides the encoder's: `features`, `aspp`, `decoder`.
 */
export function deeplabV3Plus(encoder: Encoder, options: DeepLabPlusOptions): Graph {
  const plus = { ...decoderDefaults, ...options.decoder };
  return build(encoder, options, (scope, pyramid, features, shared) =>
    decoder(scope, pyramid, features, { ...plus, ...shared }),
  );
}

type Refine = (
  scope: Scope,
  pyramid: Value,
  features: EncoderFeatures,
  shared: { readonly resize: ResizeConvention; readonly epsilon: number },
) => Value | undefined;

function build(encoder: Encoder, options: CommonOptions, refine: Refine): Graph {
  const { classes, outputStride = 16, resize = 'align-corners', epsilon = 1e-5, channels } = options;
  if (!Number.isInteger(classes) || classes < 0) {
    throw new AtrousError('input', `deeplab: expected a number of classes, got ${classes}`);
  }
  return buildGraph(imageInput(channels), (root, { image }): Record<string, Value> => {
    const shared = { resize, epsilon };
    const features = encoder.build(root.child('encoder'), image, { outputStride });
    const given = { rates: asppRates(outputStride), ...options.aspp };
    const pyramid = aspp(root.child('aspp'), features.last, { ...asppDefaults, ...given, ...shared });
    root.endpoint('aspp', pyramid);
    const refined = refine(root.child('decoder'), pyramid, features, shared);
    if (refined) root.endpoint('decoder', refined);
    const last = refined ?? pyramid;
    if (classes === 0) return refined ? { decoder: last } : { aspp: last };
    return { logits: logitsConv(root.child('classifier'), last, classes) };
  });
}
