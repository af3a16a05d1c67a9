import type { Model } from '@atrous/graph';
import type { WasmOptions, WasmRuntime } from '@atrous/runtime-wasm';
import type { Contender, Network } from '../contender.ts';

export type LoadFile = (file: string, options: Network['checkpoint']) => Promise<Model>;

/** Our engine on the platform's own way to load and to make threads; what computes in 8 bits loads a file of 8 bits. */
export function atrous(
  load: LoadFile,
  wasm: (options: WasmOptions) => WasmRuntime,
  options: Pick<WasmOptions, 'build' | 'compute'>,
): Contender {
  return async ({ network, files, threads }) => {
    const { compute = 'float32' } = options;
    const model = await load(`${files}${compute}.safetensors`, network.checkpoint);
    const session = await wasm({ ...options, threads }).load(model);
    if (session.threads !== threads)
      throw new Error(`atrous: ${session.threads} threads instead of ${threads}`);
    return {
      run: async (image) => Object.values(await session.run({ image }))[0],
      // The loop in registers is float32's.
      ...(compute === 'float32' && { peak: session.peak }),
      dispose: session.dispose,
    };
  };
}
