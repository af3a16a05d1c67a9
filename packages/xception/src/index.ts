export { type XceptionOptions, xception } from './encoder.ts';
export { xceptionFamily } from './family.ts';
export type { Block, StemConvolution, Style, Variant, XceptionPadding } from './variant.ts';
export { type VariantName, variantNames, variants } from './variants.ts';
