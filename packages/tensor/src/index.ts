export { checkThreads, inWords, mostThreads } from './arguments.ts';
export { type Axes, permuteAxes, reshapeAxes } from './axes.ts';
export { type BilinearTaps, bilinearTaps, type ResizeConvention, resizeConventions } from './bilinear.ts';
export type { DeviceTensor, Feeds } from './device_tensor.ts';
export {
  allocate,
  bytesPerElement,
  type DataOf,
  type DType,
  dtypes,
  type TypedArray,
  viewBytes,
} from './dtype.ts';
export type { EncodedFile } from './encoded_file.ts';
export { AtrousError, type ErrorCode, messageOf, unknownName } from './error.ts';
export { floatsToHalves, fromHalf, halvesToFloats, toHalf } from './half.ts';
export { openWorker } from './open_worker.ts';
export {
  checkFeeds,
  type DeviceSession,
  type Ports,
  type RunOptions,
  type Session,
  type Tensors,
} from './session.ts';
export {
  describeSpec,
  fits,
  floatsOf,
  type Port,
  sizeOf,
  type Tensor,
  type TensorSpec,
  tensor,
} from './tensor.ts';
