export { type EncodedTflite, encodeTflite, type TfliteOptions, toTflite } from './encode.ts';
export type { KernelPrecision } from './kernels.ts';
