import type { DType } from './dtype.ts';
import type { RunOptions, Session } from './session.ts';
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

/** A session that leaves results where they were computed. */
export interface DeviceSession extends Session {
  /**
   * As `run`, but results stay on the device, and feeds may lie there. Those of the same device are not read back; those of another are.
   * @returns values that the caller disposes of
   */
  runOnDevice(feeds: Feeds, options?: RunOptions): Promise<Record<string, DeviceTensor>>;
}
