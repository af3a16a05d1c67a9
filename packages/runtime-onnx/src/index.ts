export { type EncodeOptions, encodeOnnx, toOnnx } from './encode.ts';
export type { Layout } from './lower.ts';
export type { DescribedInput, OnnxDescription } from './metadata.ts';
export type { Normalization } from './normalize.ts';
