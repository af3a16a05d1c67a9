import type { EpilogueActivation } from '@atrous/graph/lowering';
import type { PoolKind } from '../kernels.ts';

/** A value in memory: NHWC with a stride per pixel, so that slices of a concat are values, too. Bytes. */
export interface View {
  readonly offset: number;
  readonly stride: number;
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface WindowShape {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly rate: readonly [number, number];
  readonly top: number;
  readonly left: number;
}

/** A matrix product: the rows of some k values times panels of 8 columns. */
export interface ProductPart {
  readonly k: number;
  readonly panels: number;
  readonly weights: number;
  /** The bias; of a product in 8 bits, all constants of its columns. */
  readonly bias: number;
  readonly activation: EpilogueActivation;
  /** In 8 bits: how rows are rounded before they are multiplied. */
  readonly int8?: Int8Rows;
}

/** Rows in 7 bits, in a thread's scratch. */
export interface Int8Rows {
  /** Where they begin in the scratch: behind the float32 rows that they are made of. */
  readonly offset: number;
  readonly rowBytes: number;
  /** How many there are at a time. */
  readonly rows: number;
  /** Of those that are made first, how many there are in float32 at a time: they stay in the first-level cache or near it. */
  readonly made: number;
  /** A row is that many pixels of so many channels. */
  readonly taps: number;
  readonly channels: number;
}

export interface DepthwisePart {
  readonly window: WindowShape;
  readonly weights: number;
  readonly bias: number;
  readonly activation: EpilogueActivation;
  /** A ReLU on what is read. */
  readonly rectify: boolean;
}

/** A pointwise convolution whose rows are made right before a depthwise one reads them. */
export interface PointwisePart extends ProductPart {
  /** Rows of the output that are made at a time. */
  readonly rows: number;
}

/** What the threads do, one after the other. */
export type Step = { readonly name: string; readonly multiplyAdds: number } & (
  | ({
      readonly kind: 'matmul';
      /**
       * Rows of A are pixels as they lie, every n-th of every n-th row, patches, or what the depthwise convolution makes; or there are 16 products
       * of tiles (Winograd).
       */
      readonly source: 'direct' | 'strided' | 'patches' | 'depthwise' | 'winograd';
      readonly window?: WindowShape;
      readonly depthwise?: DepthwisePart;
      readonly input: View;
      readonly output: View;
      readonly residual?: View;
      /** Rows, or tiles, that are made and multiplied at a time: a multiple of a tile's. */
      readonly band: number;
    } & ProductPart)
  | {
      readonly kind: 'depthwise';
      /** What the pointwise convolution reads, where there is one. */
      readonly input: View;
      readonly pointwise?: PointwisePart;
      readonly output: View;
      readonly depthwise: DepthwisePart;
    }
  | {
      readonly kind: 'pool';
      readonly input: View;
      readonly output: View;
      readonly window: WindowShape;
      readonly pool: PoolKind;
    }
  | { readonly kind: 'global_average' | 'adaptive_average'; readonly input: View; readonly output: View }
  | {
      readonly kind: 'resize';
      readonly input: View;
      readonly output: View;
      readonly rows: number;
      readonly columns: number;
    }
  | {
      readonly kind: 'affine';
      readonly input: View;
      readonly output: View;
      /** 0: none. */
      readonly scale: number;
      readonly shift: number;
      readonly activation: EpilogueActivation;
    }
  | {
      /** `other` is of the same size, or, for a product, one pixel per picture. */
      readonly kind: 'add' | 'multiply';
      readonly input: View;
      readonly other: View;
      readonly output: View;
      readonly activation: EpilogueActivation;
    }
  | { readonly kind: 'elu' | 'softmax' | 'arg_max' | 'copy'; readonly input: View; readonly output: View }
  | { readonly kind: 'zero'; readonly output: View }
);

export type StepOf<K extends Step['kind']> = Step & { readonly kind: K };
