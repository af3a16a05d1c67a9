export type { RuntimeOptions, RuntimeSet } from '@atrous/graph';
export type { ComputeOption } from './compute.ts';
export { maxPicturePixels, type PictureOptions } from './limit.ts';
export { channelsOf, type GivenPixels, type Pixels, toRgba } from './pixels.ts';
export { inputSize, type Preparation } from './placement.ts';
export { prepare } from './prepare.ts';
export {
  listRuntimes,
  type RuntimeStatus,
  type RuntimeTable,
  runtimeNames,
  withRuntime,
} from './runtimes.ts';
export {
  type PictureSource,
  type SegmentAllOptions,
  type SegmentedPicture,
  segmentAll,
} from './segment_all.ts';
export type { Segmentation, SegmenterOptions, SegmentOptions, Timings } from './segmenter.ts';
export type { SegmentedFrame, StreamOptions } from './stream.ts';
export { unknownId } from './unknown.ts';
export type { RuntimeReport, Verification, VerifyOptions } from './verify.ts';
export type { ViewOptions, ViewProgress } from './views.ts';
