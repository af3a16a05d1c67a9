import type { Port, TensorSpec } from '@atrous/tensor';

/** What everything else needs to know about an operator. One per operator, beside its attributes. */
export interface OpRule<O> {
  /** How many inputs it takes. */
  readonly inputs: { readonly min: number; readonly max: number };
  /** What comes out; free dimensions (null) stay free. Throws a plain Error when the inputs do not fit. */
  infer(op: O, inputs: readonly Port[]): Port;
  /** The shapes of its weights by leaf name. */
  weights(op: O, inputs: readonly Port[]): Readonly<Record<string, readonly number[]>>;
  /** Multiply-adds as papers count them: convolutions and dense layers, taps on padding included; else 0. */
  multiplyAdds(op: O, inputs: readonly TensorSpec[], output: TensorSpec): number;
}

export const one: OpRule<unknown>['inputs'] = { min: 1, max: 1 };
export const noWeights = (): Readonly<Record<string, readonly number[]>> => ({});
export const noMultiplyAdds = (): number => 0;

/** The last dimension, which must be known. */
export function channelsOf(port: Port): number {
  const channels = port.shape.at(-1);
  if (channels === undefined || channels === null) throw new Error('expected a known channel count');
  return channels;
}

/** Throws unless the input is [N,H,W,C]. */
export function expectRank4(port: Port): void {
  if (port.shape.length !== 4) {
    throw new Error(`expected [N,H,W,C], got [${port.shape.map((extent) => extent ?? '?').join(',')}]`);
  }
}
