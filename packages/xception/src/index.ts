export { type XceptionOptions, xception } from './encoder.ts';
export { xceptionFamily } from './family.ts';
export {
  type Block,
  type StemConvolution,
  type Style,
  type Variant,
  type VariantName,
  variantNames,
  variants,
  type XceptionPadding,
} from './variants.ts';
