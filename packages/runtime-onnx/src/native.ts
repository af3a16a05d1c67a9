import type { Runtime } from '@atrous/graph';
import { AtrousError, checkThreads, inWords, messageOf } from '@atrous/tensor';
import { packageName } from './native_protocol.ts';
import { loadSession, type Ort, type Provider, sessionOptions } from './session.ts';

export interface NativeOptions {
  /** A whole number. @default as onnxruntime chooses: one per physical core */
  readonly threads?: number;
  /**
   * Worker threads, each with a session of its own that has `threads` threads: so many runs go on at once, and the thread that asks goes on, which a
   * run of onnxruntime-node blocks else. Each takes the memory of the whole model. @default 0: on the thread that asks, one after the other
   */
  readonly workers?: number;
}

/** Each holds the whole model. */
const mostWorkers = 64;

/** onnxruntime-node, an optional peer dependency: native code, the fastest in Node. */
export function onnxNative({ threads, workers = 0 }: NativeOptions = {}): Runtime {
  checkThreads(threads);
  if (!Number.isInteger(workers) || workers < 0 || workers > mostWorkers) {
    throw new AtrousError(
      'input',
      `workers: expected a whole number from 0 to ${mostWorkers}, got ${inWords(workers)}`,
    );
  }
  let ort: Promise<Ort | { reason: string }> | undefined;
  const find = () => {
    ort ??= import(/* @vite-ignore */ /* webpackIgnore: true */ /* turbopackIgnore: true */ packageName).then(
      (module) => module as unknown as Ort,
      (error) => ({ reason: `onnxruntime-node is not installed or does not load: ${messageOf(error)}` }),
    );
    return ort;
  };
  return {
    name: 'onnx:native',
    async available() {
      const found = await find();
      return 'reason' in found ? found : true;
    },
    async load(model, options) {
      const found = await find();
      if ('reason' in found) {
        throw new AtrousError(
          'unavailable',
          `onnx:native: ${found.reason}; run "npm install onnxruntime-node"`,
        );
      }
      const provider: Provider = {
        ort: workers > 0 ? (await import('./native_workers.ts')).nativeInWorkers(workers) : found,
        ownTurns: workers > 0,
        options: {
          executionProviders: ['cpu'],
          ...sessionOptions,
          // a plan of the memory of each size that comes, and an arena that grows by doubling and gives nothing back: neither is faster, and
          // each takes twice the memory where sizes differ
          enableMemPattern: false,
          enableCpuMemArena: false,
          ...(threads !== undefined && { intraOpNumThreads: threads }),
        },
      };
      return loadSession(model, provider, options);
    },
  };
}
