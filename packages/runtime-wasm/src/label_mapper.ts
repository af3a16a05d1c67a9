import { bandTaps, type LabelMapFunction, type LabelMapResult, labelMap, regionOf } from '@atrous/mask';
import { AtrousError } from '@atrous/tensor';
import { growMemory, instantiate, largestPages } from './instance.ts';
import type { Kernels } from './kernels.ts';
import { labelMapEnd, wasmLabelMap } from './labels.ts';
import { compile, findBuild } from './modules.ts';

/** Logits that need more are not copied: `labelMap` of `mask` reads them where they are. */
const mostBytes = 2 ** 28;
/** A memory that has grown beyond this is let go after its label map. */
const keptBytes = 2 ** 25;

/**
 * `labelMap` of `mask` in SIMD on the calling thread, for the logits of any runtime: equal labels, confidence to 1e-6.
 * Where WebAssembly has no SIMD, or may not be compiled, it is that of `mask`.
 */
export async function labelMapper(): Promise<
  (...args: Parameters<LabelMapFunction>) => Promise<LabelMapResult>
> {
  const plain = async (...args: Parameters<LabelMapFunction>) => labelMap(...args);
  const build = await findBuild();
  if (typeof build !== 'string') return plain;
  let module: WebAssembly.Module;
  try {
    module = await compile(build, 'unshared');
  } catch (error) {
    if (error instanceof AtrousError && error.code === 'unavailable') return plain;
    throw error;
  }
  let kept: Promise<{ readonly memory: WebAssembly.Memory; readonly kernels: Kernels }> | undefined;
  const start = async () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: largestPages });
    return { memory, kernels: await instantiate(module, memory) };
  };
  return async (logits, options, band) => {
    const region = regionOf(logits, options);
    const taps = bandTaps(logits, options.resize, options.height, region, band);
    const end = labelMapEnd(logits, options, region, 0);
    if (end > mostBytes) return labelMap(logits, options, band);
    kept ??= start();
    try {
      const { memory, kernels } = await kept; // from here on nothing waits: callers take turns
      growMemory(memory, end);
      const rows = wasmLabelMap(kernels, memory.buffer, logits, options, region, 0, taps);
      if (memory.buffer.byteLength > keptBytes) kept = undefined;
      for (;;) {
        const { done, value } = rows.next();
        if (done) return value;
      }
    } catch (error) {
      kept = undefined;
      if (error instanceof RangeError || error instanceof AtrousError) return labelMap(logits, options, band); // no memory: it takes less
      throw error;
    }
  };
}
