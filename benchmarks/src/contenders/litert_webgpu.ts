import type { Model } from '@atrous/graph';
import { tensor } from '@atrous/tensor';
import { toTflite } from '@atrous/tflite';
import { Tensor as LiteRtTensor, loadAndCompile, loadLiteRt } from '@litertjs/core';
import type { GpuRunning } from '../gpu_contender.ts';

let started: Promise<unknown> | undefined;

/**
 * LiteRT.js on WebGPU, in float32. The file is written before anything is timed.
 * @param wasm the folder of its modules
 * @returns what loads it
 */
export async function litertWebGpu(
  model: Model,
  shape: readonly number[],
  wasm: string,
): Promise<() => Promise<GpuRunning>> {
  const [input] = Object.keys(model.graph.inputs);
  const file = await toTflite(model, { shapes: { [input]: shape } });
  started ??= loadLiteRt(wasm, { jspi: true });
  await started;
  return async () => {
    const compiled = await loadAndCompile(file, {
      accelerator: 'webgpu',
      gpuOptions: { precision: 'fp32' },
    });
    const [output] = compiled.getOutputDetails();
    return {
      async run(image) {
        const given = new LiteRtTensor(image.data as Float32Array, [...shape]);
        const { [output.name]: result } = await compiled.run({ [input]: given });
        const data = (await result.data()) as Float32Array;
        result.delete();
        given.delete();
        return tensor('float32', [...output.shape], data);
      },
      dispose: async () => compiled.delete(),
    };
  };
}
