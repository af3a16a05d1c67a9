import { availableParallelism } from 'node:os';
import { onnx } from '@atrous/runtime-onnx';
import { onnxNative } from '@atrous/runtime-onnx/native';
import { tfjs } from '@atrous/runtime-tfjs';
import { webgpu } from '@atrous/runtime-webgpu';
import { type RuntimeSet, type RuntimeTable, runtimeTable } from '@atrous/segmenter';

/** The command brings all runtimes: these, and our own engine. */
export const givenRuntimes: readonly RuntimeSet[] = [onnx(), tfjs(), webgpu()];

/** For fewer pictures it takes longer to load the model again. */
const many = 8;

/**
 * The same for a run of pictures, so many of them under way at once. onnxruntime-node blocks the thread that it runs on, and is faster with the cores
 * shared among runs than with all cores for one after the other; our engine has threads of its own, and is not.
 */
export function runtimesFor(pictures: number, jobs: number): readonly RuntimeSet[] {
  if (pictures < many) return givenRuntimes;
  const cores = availableParallelism();
  const workers = Math.min(jobs, cores);
  const native: RuntimeSet = {
    'onnx:native': async ({ threads = Math.floor(cores / workers), ...options }) =>
      onnxNative({ ...options, threads, workers }),
  };
  return [...givenRuntimes, native];
}

export const runtimes: RuntimeTable = runtimeTable(givenRuntimes);
