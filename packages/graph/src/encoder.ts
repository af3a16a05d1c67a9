import type { Scope, Value } from './builder.ts';

export type OutputStride = 8 | 16 | 32;

/** A tap into an encoder. */
export interface Feature {
  /** The endpoint's name, e.g. `entry_flow/block2/conv2`. */
  readonly name: string;
  /** Before its activation. */
  readonly value: Value;
  /** How many input pixels one step is: as built, not as the paper's table says. */
  readonly stride: number;
}

export interface EncoderFeatures {
  /** One tap per stage, finest first. */
  readonly features: readonly Feature[];
  /** The deepest value, after the last activation. */
  readonly last: Value;
  /** The tap that a DeepLab decoder takes. */
  readonly lowLevel: string;
}

/** What a decoder or head stands on. Any function that builds features will do; it need not be an Xception. */
export interface Encoder {
  readonly name: string;
  build(scope: Scope, image: Value, options: { outputStride: OutputStride }): EncoderFeatures;
}
