export { type BoundGraph, bind } from './bind.ts';
export { buildGraph, imageInput, type Scope, type Value } from './builder.ts';
export { castToFloat, castToHalf, castToInt8, halfOverflows } from './cast.ts';
export { type Cost, cost, type NodeCost } from './cost.ts';
export type { Encoder, EncoderFeatures, Feature, OutputStride } from './encoder.ts';
export type {
  ClassifierConventions,
  ClassifierShape,
  EncoderFamily,
  FamilyOptions,
  FamilyVariant,
  LayoutName,
  Naming,
  OptionRule,
  OptionRules,
  Rule,
} from './family.ts';
export { type FoldedModel, foldBatchNorm, foldedGraph } from './fold.ts';
export { type Graph, inferGraph, type Node, weightShapes } from './graph.ts';
export {
  type Compute,
  computes,
  type Int8Kernel,
  type Int8Row,
  int8Kernel,
  int8Products,
  int8Row,
  int8Sums,
} from './int8.ts';
export { withLabels } from './labels.ts';
export {
  type AdaptivePoolOptions,
  activation,
  adaptiveAveragePool,
  add,
  argMax,
  averagePool,
  batchNorm,
  type ConvOptions,
  concat,
  conv2d,
  convBatchNormRelu,
  dense,
  depthwiseConv2d,
  globalAveragePool,
  maxPool,
  multiply,
  resizeLike,
  type SeparableConvOptions,
  scaleBy,
  separableConv2d,
  softmax,
} from './layers.ts';
export { type Model, readWeight, type WeightSource, weightsFrom } from './model.ts';
export type { Activation, ActivationFunction } from './ops/activation.ts';
export { type AdaptiveAveragePool, adaptiveParts, adaptiveWindow } from './ops/adaptive_average_pool.ts';
export type { Add } from './ops/add.ts';
export type { ArgMax } from './ops/arg_max.ts';
export type { BatchNorm } from './ops/batch_norm.ts';
export type { Concat } from './ops/concat.ts';
export type { Conv2d } from './ops/conv2d.ts';
export type { Dense } from './ops/dense.ts';
export type { DepthwiseConv2d } from './ops/depthwise_conv2d.ts';
export type { GlobalAveragePool } from './ops/global_average_pool.ts';
export { type Op, type OpKind, type OpOf, type OpTable, ruleOf } from './ops/index.ts';
export type { Multiply } from './ops/multiply.ts';
export { countTaps, type Pool } from './ops/pool.ts';
export type { ResizeBilinear } from './ops/resize_bilinear.ts';
export type { OpRule } from './ops/rule.ts';
export type { Scale } from './ops/scale.ts';
export type { Softmax } from './ops/softmax.ts';
export {
  type DilatedWindow,
  type Padding,
  type Pair,
  resolvePadding,
  samePadding,
  symmetricPadding,
  type Window,
} from './ops/window.ts';
export { peakActivationBytes } from './peak.ts';
export { receptiveFields } from './receptive_field.ts';
export { type EvaluateOptions, evaluate, referenceRuntime } from './reference/evaluate.ts';
export {
  type LoadOptions,
  type PartRunner,
  packedFolder,
  type Runtime,
  type RuntimeOptions,
  type RuntimeSet,
} from './runtime.ts';
export { namedValues, partOf, selectOutputs } from './select.ts';
export { type Placed, placeStrides } from './stride.ts';
export { scaleChannels, type Width } from './width.ts';
