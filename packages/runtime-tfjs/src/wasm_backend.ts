import { checkThreads } from '@atrous/tensor';
import { lazyRuntime, type TfjsOptions, type TfjsRuntime } from './runtime.ts';
import { bringTf } from './tf.ts';

export interface TfjsWasmOptions extends TfjsOptions {
  /**
   * Where TensorFlow.js' three `.wasm` files lie: the URL of their folder, or the URL of each.
   * @default beside the page's script; in Node where the package has them
   */
  readonly wasm?: string | URL | Readonly<Record<string, string>>;
  /**
   * Needs a cross-origin isolated page; TensorFlow.js takes half the cores at most, and one thread in Node. One starts no
   * workers, which TensorFlow.js makes from Blobs: a strict Content-Security-Policy refuses those. Taken once.
   */
  readonly threads?: number;
}

/** The runtime on a platform that finds the binaries by itself, or not. */
export function wasmRuntime(
  { tf, wasm, threads }: TfjsWasmOptions,
  findBinaries: () => Promise<string | undefined>,
): TfjsRuntime {
  checkThreads(threads);
  return lazyRuntime('wasm', async () => {
    const backend = await import('@tensorflow/tfjs-backend-wasm');
    const binaries = wasm ?? (await findBinaries());
    if (typeof binaries === 'object' && !(binaries instanceof URL)) backend.setWasmPaths({ ...binaries });
    else if (binaries !== undefined) backend.setWasmPaths(String(binaries));
    if (threads !== undefined) backend.setThreadsCount(threads);
    const core = await bringTf(tf);
    if (threads === 1) core.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    return core;
  });
}
