export { type AsppBranch, type AsppOptions, aspp } from './aspp.ts';
export {
  type ConvolutionKind,
  type ConvolutionOptions,
  convolutionKinds,
  convolutions,
} from './convolution.ts';
export { type DecoderOptions, decoder, type RefinementOptions, refinement } from './decoder.ts';
export {
  asppConcat,
  asppRates,
  type DeepLabOptions,
  type DeepLabPlusOptions,
  deeplabV3,
  deeplabV3Plus,
} from './deeplab.ts';
