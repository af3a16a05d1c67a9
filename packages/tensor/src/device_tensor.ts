import type { DType } from './dtype.ts';
import type { Tensor, TensorSpec } from './tensor.ts';

/** Numbers that lie on a device, such as a GPU: whoever wants them asks. They are the caller's until they are disposed of. */
export interface DeviceTensor<D extends DType = DType> {
  readonly spec: TensorSpec<D>;
  /** A copy. @throws AtrousError `disposed` after `dispose`, `device-lost` when the device went away */
  read(): Promise<Tensor<D>>;
  /** Frees its memory. */
  dispose(): void;
}

/** Values of a run by name, wherever they lie. */
export type Feeds = Readonly<Record<string, Tensor | DeviceTensor>>;
