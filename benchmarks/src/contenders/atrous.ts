import type { Model } from '@atrous/graph';
import type { WasmRuntime } from '@atrous/runtime-wasm';
import type { Contender } from '../contender.ts';
import { checkpointOptions } from '../networks.ts';

/** Our engine on the platform's own way to load and to make threads. */
export function atrous(
  load: (file: string, options: ReturnType<typeof checkpointOptions>) => Promise<Model>,
  runtime: (threads: number) => WasmRuntime,
): Contender {
  return async ({ network, files, threads }) => {
    const model = await load(`${files}model.safetensors`, checkpointOptions(network));
    const session = await runtime(threads).load(model);
    if (session.threads !== threads)
      throw new Error(`atrous: ${session.threads} threads instead of ${threads}`);
    return {
      run: async (image) => Object.values(await session.run({ image }))[0],
      peak: session.peak,
      dispose: session.dispose,
    };
  };
}
