export { type FillKind, fill, imageFill, uniform } from './fill.ts';
export {
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
