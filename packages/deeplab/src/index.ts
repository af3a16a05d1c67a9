export { type AsppBranch, type AsppOptions, aspp, logitsConv, separableConvRelu } from './aspp.ts';
export { type DecoderOptions, decoder } from './decoder.ts';
export {
  asppConcat,
  asppRates,
  type DeepLabOptions,
  type DeepLabPlusOptions,
  deeplabV3,
  deeplabV3Plus,
} from './deeplab.ts';
