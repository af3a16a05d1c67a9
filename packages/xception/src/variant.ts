import type { ClassifierShape } from '@atrous/graph';

/** One residual block of an Xception: a stack of separable convolutions, and what goes around it. */
export interface Block {
  /** Also the endpoint of its output, and the key of its weights. */
  readonly name: string;
  /** Output channels of each separable convolution. */
  readonly widths: readonly number[];
  /** Of each pointwise kernel, where it is a product of two: the channels between them (`pooled` style). @default one kernel each */
  readonly ranks?: readonly (number | undefined)[];
  /** Nominal: an output stride may take it away. */
  readonly stride: 1 | 2;
  /** `conv`: a projection, `sum`: the identity, `none`. From the paper's table, never from the effective stride. */
  readonly skip: 'conv' | 'sum' | 'none';
  /** Whether a ReLU stands before the first separable convolution; one stands before each other in any case. */
  readonly leading: boolean;
}

/** An ordinary 3×3 convolution before the blocks. */
export interface StemConvolution {
  readonly channels: number;
  readonly stride: 1 | 2;
}

/**
 * How a block is built: one function each in `blocks.ts`.
 * - `pooled`: batch norm after the pointwise only; a max-pool carries the stride (Chollet 2017, figure 5)
 * - `aligned`: batch norm after depthwise and pointwise; the third depthwise carries the stride (Chen et al. 2018, figure 4)
 * - `preactivated`: batch norm and ReLU before each separable convolution (timm's `p` variants)
 * - `bottleneck`: ReLU after the sum, the first depthwise carries the stride, a separable projection (Xception-39 of BiSeNet)
 */
export type Style = 'pooled' | 'aligned' | 'preactivated' | 'bottleneck';

/** Where sources differ: `symmetric` pads both sides alike, `same` is Keras' rule, `valid` pads nothing. */
export interface XceptionPadding {
  readonly stem: 'symmetric' | 'same' | 'valid';
  /** Of max-pools. */
  readonly pool: 'symmetric' | 'same';
}

export interface Variant {
  readonly style: Style;
  readonly stem: readonly StemConvolution[];
  /** A 3×3 max-pool with stride 2 after the stem. */
  readonly stemPool?: boolean;
  readonly blocks: readonly Block[];
  /** Whether a ReLU ends the encoder. */
  readonly lastActivation: boolean;
  /** Batch norm epsilon that the original trains with; `none`: there is no batch norm, and convolutions have biases. */
  readonly epsilon: number | 'none';
  readonly padding: XceptionPadding;
  /** The tap that a DeepLab decoder takes: the finest of stride 4. */
  readonly lowLevel: string;
  readonly inputSize: number;
  /** @default 3 */
  readonly channels?: 1 | 3;
  readonly classifier: ClassifierShape;
}
