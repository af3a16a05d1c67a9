export { type ClassifierOptions, classifier, encoderGraph } from './classifier.ts';
export { type XceptionOptions, xception } from './encoder.ts';
export {
  type Block,
  type Style,
  type Variant,
  type VariantName,
  variantNames,
  variants,
  type XceptionPadding,
} from './variants.ts';
