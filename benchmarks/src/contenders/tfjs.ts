import type { Model } from '@atrous/graph';
import { getThreadsCount, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Contender } from '../contender.ts';
import { checkpointOptions } from '../networks.ts';
import { tfjsSession } from './tfjs_session.ts';

/** TensorFlow.js on its WASM backend. */
export function tfjs(
  load: (file: string, options: ReturnType<typeof checkpointOptions>) => Promise<Model>,
  wasm: Parameters<typeof setWasmPaths>[0],
): Contender {
  return async ({ network, files, threads }) => {
    setWasmPaths(wasm);
    setThreadsCount(threads);
    await tf.setBackend('wasm');
    if (getThreadsCount() !== threads)
      throw new Error(`tfjs: ${getThreadsCount()} threads instead of ${threads}`);
    const session = await tfjsSession(await load(`${files}model.safetensors`, checkpointOptions(network)));
    return {
      run: async (image) => Object.values(await session.run({ image }))[0],
      dispose: session.dispose,
    };
  };
}
