import type { Runtime } from '@atrous/graph';
import { AtrousError, checkThreads, messageOf } from '@atrous/tensor';
import type { Env } from 'onnxruntime-common';
import { loadSession, type Ort, type Provider, sessionOptions } from './session.ts';

export interface WebOptions {
  /**
   * Where onnxruntime's `.wasm` lies: the URL of the file, or of its folder.
   * @default beside onnxruntime's own script: the page's origin, never a CDN
   */
  readonly wasm?: string | URL;
  /**
   * A whole number; at most 16 are used, and one where the page is not cross-origin isolated. Taken at the first load,
   * for all. @default one core is left to the page
   */
  readonly threads?: number;
}

/** How many threads there may be here. */
export function threadsFor(threads?: number): number {
  const canShare = typeof SharedArrayBuffer !== 'undefined' && (globalThis.crossOriginIsolated ?? true);
  if (!canShare) return 1;
  const cores = globalThis.navigator?.hardwareConcurrency ?? 1;
  return Math.max(1, Math.min(threads ?? cores - 1, 16));
}

/** Sets what onnxruntime-web keeps in globals. */
export function configure(env: Env, { wasm, threads }: WebOptions): void {
  env.logLevel = 'error';
  env.wasm.proxy = false; // whoever wants a worker brings one
  env.wasm.numThreads = threadsFor(threads);
  if (wasm !== undefined) {
    const url = String(wasm);
    env.wasm.wasmPaths = url.endsWith('/') ? url : { wasm: url };
  }
}

/**
 * Names the file that onnxruntime did not get, which its own errors do not.
 * @throws what is given, with that file's URL where it tells that a start failed
 */
export function namingFile(error: unknown, { wasm }: WebOptions): never {
  if (!(error instanceof AtrousError) || error.code !== 'unavailable') throw error;
  const asked = globalThis.performance?.getEntriesByType?.('resource') ?? [];
  const last = asked.findLast(({ name }) => /\bort[-.\w]*\.(wasm|mjs)\b/.test(name))?.name;
  const url = wasm === undefined ? last : String(wasm);
  if (url === undefined || error.message.includes(url)) throw error;
  throw new AtrousError(error.code, `${error.message}; it was to come from ${url}`, { cause: error });
}

/** A runtime on onnxruntime-web's WASM build; `bring` loads the build that fits the platform. */
export function wasmRuntime(bring: () => Promise<Ort & { env: Env }>, options: WebOptions): Runtime {
  checkThreads(options.threads);
  let provider: Promise<Provider> | undefined;
  const open = async (): Promise<Provider> => {
    const ort = await bring().catch((error) => {
      throw new AtrousError('unavailable', `onnxruntime-web cannot be loaded: ${messageOf(error)}`, {
        cause: error,
      });
    });
    configure(ort.env, options);
    return { ort, options: { executionProviders: ['wasm'], ...sessionOptions } };
  };
  return {
    name: 'onnx:wasm',
    available: async () =>
      typeof WebAssembly === 'object' ? true : { reason: 'WebAssembly is not available here' },
    async load(model, loadOptions) {
      if (typeof WebAssembly !== 'object')
        throw new AtrousError('unavailable', 'WebAssembly is not available here');
      provider ??= open();
      return loadSession(model, await provider, loadOptions).catch((error) => namingFile(error, options));
    },
  };
}
