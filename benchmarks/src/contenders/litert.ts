import { tensor } from '@atrous/tensor';
import { loadAndCompile, loadLiteRt, Tensor } from '@litertjs/core';
import type { Contender } from '../contender.ts';

let started: Promise<unknown> | undefined;

/**
 * LiteRT.js (XNNPACK in WASM) on a file, as its documentation says. One thread is the module without threads.
 * @param wasm the folder of its modules
 */
export function litert(file: string, wasm: string): Contender {
  return async ({ files, threads, network: { shape } }) => {
    Object.assign(globalThis, { Module: { print: () => {}, printErr: () => {} } });
    started ??= loadLiteRt(wasm, { threads: threads > 1 });
    await started;
    const model = await loadAndCompile(`${files}${file}`, {
      accelerator: 'wasm',
      cpuOptions: { numThreads: threads },
    });
    const [output] = model.getOutputDetails();
    return {
      async run(image) {
        const given = new Tensor(image.data as Float32Array, [...shape]);
        const { [output.name]: result } = await model.run({ image: given });
        const data = result.toTypedArray() as Float32Array;
        result.delete();
        given.delete();
        return tensor('float32', [...output.shape], data);
      },
      dispose: async () => model.delete(),
    };
  };
}
