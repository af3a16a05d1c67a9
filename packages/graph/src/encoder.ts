import type { Scope, Value } from './builder.ts';

export type OutputStride = 8 | 16 | 32;

/** A tap into an encoder. */
export interface Feature {
  /** The endpoint's name, e.g. `entry_flow/block2/conv2`. */
  readonly name: string;
  readonly value: Value;
  /** How many input pixels one step is: as built, not as the paper's table says. */
  readonly stride: number;
  /** Whether its activation stands: false where the value is a sum or a batch norm that the next layer activates. */
  readonly activated: boolean;
}

export interface EncoderFeatures {
  /** Finest first; one tap per stage, two where a stage is handed on before and after its activation. */
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
