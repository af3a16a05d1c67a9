import { tensor } from '@atrous/tensor';
import type { Env, InferenceSession, InferenceSessionFactory, TensorConstructor } from 'onnxruntime-common';
import type { Contender } from '../contender.ts';

interface Ort {
  readonly env: Env;
  readonly InferenceSession: InferenceSessionFactory;
  readonly Tensor: TensorConstructor;
}

/** onnxruntime on a file, as its documentation says. */
export function onnx(ort: Ort, file: string, provider: 'wasm' | 'cpu', wasm?: string): Contender {
  return async ({ files, threads }) => {
    ort.env.wasm.numThreads = threads;
    if (wasm) ort.env.wasm.wasmPaths = { wasm };
    const options: InferenceSession.SessionOptions = {
      executionProviders: [provider],
      graphOptimizationLevel: 'all',
      ...(provider === 'cpu' && { intraOpNumThreads: threads, interOpNumThreads: 1 }),
    };
    const session = await ort.InferenceSession.create(`${files}${file}`, options);
    if (provider === 'wasm' && ort.env.wasm.numThreads !== threads)
      throw new Error(`onnxruntime: ${ort.env.wasm.numThreads} threads instead of ${threads}`);
    return {
      async run(image) {
        const results = await session.run({ image: new ort.Tensor('float32', image.data, image.shape) });
        const [{ dims, data }] = Object.values(results);
        return tensor('float32', dims, data as Float32Array);
      },
      dispose: () => session.release(),
    };
  };
}
