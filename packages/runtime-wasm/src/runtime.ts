import type { LoadOptions, Model, Runtime } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import { type Build, canShare, findBuild } from './modules.ts';
import type { Worker } from './pool.ts';
import { loadSession, type WasmSession } from './session.ts';

export interface WasmOptions {
  /** More than one needs a cross-origin isolated page. @default all cores in Node; in browsers one is left to the page */
  readonly threads?: number;
  /** @default relaxed SIMD where it is there */
  readonly build?: Build;
  /** For bundlers that do not follow `new URL(…, import.meta.url)`. @default the package's own worker */
  readonly createWorker?: () => Worker;
}

/** Our own engine. */
export interface WasmRuntime extends Runtime {
  load(model: Model, options?: LoadOptions): Promise<WasmSession>;
}

/** The runtime of a platform. */
export function runtimeFor(createWorker: () => Worker, cores: () => number) {
  return (options: WasmOptions = {}): WasmRuntime => ({
    name: 'wasm',
    async available() {
      const build = await findBuild();
      return typeof build === 'string' ? true : build;
    },
    async load(model, loadOptions) {
      const found = await findBuild();
      if (typeof found !== 'string') throw new AtrousError('unavailable', `wasm: ${found.reason}`);
      if (options.build === 'relaxed' && found !== 'relaxed') {
        throw new AtrousError('unavailable', 'wasm: relaxed SIMD is not available here');
      }
      const threads = canShare() ? Math.max(1, Math.min(options.threads ?? cores(), 16)) : 1;
      return loadSession(
        model,
        options.createWorker ?? createWorker,
        options.build ?? found,
        threads,
        loadOptions,
      );
    },
  });
}
