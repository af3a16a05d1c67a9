import { type Compute, computes, type LoadOptions, type Model, type Runtime } from '@atrous/graph';
import { AtrousError, checkThreads, inWords, unknownName } from '@atrous/tensor';
import { type Int8Form, int8Forms } from './kernels.ts';
import { type Build, builds, canShare, findBuild } from './modules.ts';
import type { ThreadWorker } from './pool.ts';
import { loadSession, type WasmSession } from './session.ts';

export interface WasmOptions {
  /**
   * A whole number; at most 16 are used, and one where the page is not cross-origin isolated.
   * @default all cores in Node; in browsers one is left to the page
   */
  readonly threads?: number;
  /** @default relaxed SIMD where it is there */
  readonly build?: Build;
  /**
   * `int8`: convolutions and dense layers are computed in 8 bits, but for the first and for depthwise ones; all else is in
   * float32. Faster, and a little less accurate. A load's own `compute` is above it. @default 'float32'
   */
  readonly compute?: Compute;
  /** Which instructions of relaxed SIMD multiply 8 bits; results are the same. @default the one that is faster here */
  readonly int8Form?: Int8Form;
  /** For bundlers that do not follow `new URL(…, import.meta.url)`. @default the package's own worker */
  readonly createWorker?: () => ThreadWorker;
}

/** Our own engine. */
export interface WasmRuntime extends Runtime {
  load(model: Model, options?: LoadOptions): Promise<WasmSession>;
}

/** More of them meet at the barriers for longer than they save. */
const usedThreads = 16;

/** The runtime of a platform. @throws AtrousError `input` for options that cannot be */
export function runtimeFor(createWorker: () => ThreadWorker, cores: () => number) {
  return (options: WasmOptions = {}): WasmRuntime => {
    checkOptions(options);
    return {
      name: 'wasm',
      computes,
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
        const threads = canShare() ? Math.min(options.threads ?? cores(), usedThreads) : 1;
        const compute = loadOptions?.compute ?? options.compute ?? 'float32';
        checkCompute(compute);
        const engine = {
          build: options.build ?? found,
          threads,
          compute,
          int8Form: options.int8Form,
        };
        return loadSession(model, options.createWorker ?? createWorker, engine, loadOptions);
      },
    };
  };
}

function checkCompute(compute: unknown): void {
  if (!computes.includes(compute as Compute)) throw unknownName('compute', String(compute), computes);
}

function checkOptions({ threads, build, createWorker, compute, int8Form }: WasmOptions): void {
  checkThreads(threads);
  if (build !== undefined && !builds.includes(build)) throw unknownName('build', String(build), builds);
  if (compute !== undefined) checkCompute(compute);
  if (int8Form !== undefined && !int8Forms.includes(int8Form))
    throw unknownName('int8Form', String(int8Form), int8Forms);
  if (createWorker !== undefined && typeof createWorker !== 'function') {
    throw new AtrousError('input', `createWorker: expected a function, got ${inWords(createWorker)}`);
  }
}
