import type { Model } from '@atrous/graph';
import { tfjsWasm } from '@atrous/runtime-tfjs/wasm';
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import type { Contender } from '../contender.ts';
import { checkpointOptions } from '../networks.ts';

/** TensorFlow.js on its WASM backend: convolutions fused with bias and ReLU, values freed after their last reader. */
export function tfjs(
  load: (file: string, options: ReturnType<typeof checkpointOptions>) => Promise<Model>,
  wasm?: Readonly<Record<string, string>>,
): Contender {
  return async ({ network, files, threads }) => {
    const model = await load(`${files}model.safetensors`, checkpointOptions(network));
    const session = await tfjsWasm({ wasm, threads }).load(model);
    if (getThreadsCount() !== threads)
      throw new Error(`tfjs: ${getThreadsCount()} threads instead of ${threads}`);
    return {
      run: async (image) => Object.values(await session.run({ image }))[0],
      dispose: session.dispose,
    };
  };
}
