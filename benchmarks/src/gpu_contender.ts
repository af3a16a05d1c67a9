import type { Model } from '@atrous/graph';
import type { Tensor } from '@atrous/tensor';

/** What runs a network on the GPU. */
export interface GpuRunning {
  run(image: Tensor): Promise<Tensor>;
  dispose(): Promise<void>;
  /** Megabytes that a run reads and writes. */
  readonly moved?: number;
}

/** What is measured: it gets a network ready, which is not timed, and gives what loads it, which is. */
export interface GpuContender {
  readonly name: string;
  prepare(model: Model, shape: readonly number[]): Promise<() => Promise<GpuRunning>>;
}
