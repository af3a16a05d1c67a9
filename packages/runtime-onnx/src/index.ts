export { type EncodedOnnx, type EncodeOptions, encodeOnnx, toOnnx } from './encode.ts';
