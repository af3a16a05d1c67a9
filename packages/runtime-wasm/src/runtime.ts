import type { Compute, LoadOptions, Model, Runtime } from '@atrous/graph';
import { AtrousError, checkThreads, inWords, unknownName } from '@atrous/tensor';
import { type Float32Form, forms, type Int8Form } from './forms.ts';
import { type Build, builds, canShare, compile, findBuild } from './modules.ts';
import type { ThreadWorker } from './pool.ts';
import { mostThreads } from './protocol.ts';
import { loadSession, type MeasuredForms, type WasmSession } from './session.ts';

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
  /** How products in float32 are computed; results are the same. @default the form that is fastest here, measured at the first load */
  readonly float32Form?: Float32Form;
  /** How products in 8 bits are computed; results are the same. @default as above */
  readonly int8Form?: Int8Form;
  /** For bundlers that do not follow `new URL(…, import.meta.url)`. @default the package's own worker */
  readonly createWorker?: () => ThreadWorker;
}

/** In what it computes products. */
const computes: readonly Compute[] = ['float32', 'int8'];

/** Our own engine. */
export interface WasmRuntime extends Runtime {
  load(model: Model, options?: LoadOptions): Promise<WasmSession>;
}

/** The runtime of a platform. @throws AtrousError `input` for options that cannot be */
export function runtimeFor(
  createWorker: () => ThreadWorker,
  cores: () => number,
  compileKernels: typeof compile = compile,
) {
  const measured: MeasuredForms = new Map();
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
        const threads = canShare() ? Math.min(options.threads ?? cores(), mostThreads) : 1;
        const compute = loadOptions?.compute ?? options.compute ?? 'float32';
        checkCompute(compute);
        const engine = {
          build: options.build ?? found,
          threads,
          compute,
          compile: compileKernels,
          measured,
          forms: { float32: options.float32Form, int8: options.int8Form },
        };
        return loadSession(model, options.createWorker ?? createWorker, engine, loadOptions);
      },
    };
  };
}

function checkCompute(compute: unknown): void {
  if (!computes.includes(compute as Compute)) throw unknownName('compute', String(compute), computes);
}

function checkOptions({ threads, build, createWorker, compute, float32Form, int8Form }: WasmOptions): void {
  checkThreads(threads);
  if (build !== undefined && !builds.includes(build)) throw unknownName('build', String(build), builds);
  if (compute !== undefined) checkCompute(compute);
  if (float32Form !== undefined && !forms.float32.includes(float32Form))
    throw unknownName('float32Form', String(float32Form), forms.float32);
  if (int8Form !== undefined && !forms.int8.includes(int8Form))
    throw unknownName('int8Form', String(int8Form), forms.int8);
  if (createWorker !== undefined && typeof createWorker !== 'function') {
    throw new AtrousError('input', `createWorker: expected a function, got ${inWords(createWorker)}`);
  }
}
