import type { Runtime } from '@atrous/graph';
import { AtrousError, checkThreads, messageOf } from '@atrous/tensor';
import { loadSession, type Ort, type Provider, sessionOptions } from './session.ts';

export interface NativeOptions {
  /** A whole number. @default as onnxruntime chooses: one per physical core */
  readonly threads?: number;
}

/** Not a word that bundlers can read: builds for servers would look for it, wanted or not. */
const packageName = 'onnxruntime-node';

/** onnxruntime-node, an optional peer dependency: native code, the fastest in Node. */
export function onnxNative({ threads }: NativeOptions = {}): Runtime {
  checkThreads(threads);
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
        ort: found,
        options: {
          executionProviders: ['cpu'],
          ...sessionOptions,
          ...(threads !== undefined && { intraOpNumThreads: threads }),
        },
      };
      return loadSession(model, provider, options);
    },
  };
}
