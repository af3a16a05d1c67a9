import type { GoldenName } from '@atrous/golden';
import type { Compute } from '@atrous/graph';

/** What golden numbers and label maps are made on. */
export const engines = [
  'relaxed SIMD, one thread',
  'relaxed SIMD, two threads',
  'SIMD128, one thread',
  'SIMD128, two threads',
  'onnx:wasm',
  'webgpu',
] as const;
export type Engine = (typeof engines)[number];

/** What the page of engines can be asked for. */
export interface Suite {
  /** Whether the engine has two threads where it is asked for them. */
  isThreaded(): Promise<boolean>;
  /** Whether it has relaxed SIMD. */
  isRelaxed(): Promise<boolean>;
  /** How far an engine is from the original's numbers. */
  parity(name: GoldenName, engine: Engine): Promise<number>;
  /** Whether the browser has WebGPU. */
  hasGpu(): Promise<boolean>;
  /** Size and digest of a picture's label map. */
  labels(model: string, picture: string, engine: Engine, compute: Compute): Promise<string>;
  /** All that may run in a browser. */
  runtimes(): readonly string[];
  /** How far a runtime is from the reference on a narrow DeepLabV3+, or why it does not run here. */
  narrow(name: string): Promise<number | { readonly reason: string }>;
}
