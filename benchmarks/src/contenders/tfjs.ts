import { tfjsWasm } from '@atrous/runtime-tfjs/wasm';
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import type { Contender } from '../contender.ts';
import type { LoadFile } from './atrous.ts';

/** TensorFlow.js on its WASM backend: convolutions fused with bias and ReLU, values freed after their last reader. */
export function tfjs(load: LoadFile, wasm?: Readonly<Record<string, string>>): Contender {
  return async ({ network, files, threads }) => {
    const model = await load(`${files}float32.safetensors`, network.checkpoint);
    const session = await tfjsWasm({ wasm, threads }).load(model);
    if (getThreadsCount() !== threads)
      throw new Error(`tfjs: ${getThreadsCount()} threads instead of ${threads}`);
    return {
      run: async (image) => Object.values(await session.run({ image }))[0],
      dispose: session.dispose,
    };
  };
}
