export { type FillKind, fill, imageFill, uniform } from './fill.ts';
export {
  type EncoderGoldenName,
  encoderGoldenNames,
  filledModel,
  type Golden,
  type GoldenName,
  goldenError,
  goldenImage,
  goldenNames,
  goldenWeights,
  type Param,
  relativeError,
  type Stats,
} from './golden.ts';
export { float16Tolerance, int8Tolerance, rmsError } from './int8_tolerance.ts';
