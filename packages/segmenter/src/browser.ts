import { type ModelCache, type ModelLocation, modelFiles } from '@atrous/zoo';
import { type BrowserPicture, readPicture } from './picture_browser.ts';
import type { RuntimeTable } from './runtimes.ts';
import { type Segmenter as AnySegmenter, type SegmenterOptions, segmenterFor } from './segmenter.ts';

export * from './exports.ts';
export type { BrowserPicture as Picture } from './picture_browser.ts';
export { readPicture };

/** A model, loaded and ready for pictures. */
export type Segmenter = AnySegmenter<BrowserPicture>;

/** The runtimes of browsers. */
export const runtimes: RuntimeTable = {
  runtimes: {
    'onnx:webgpu': async (options) => (await import('@atrous/runtime-onnx/webgpu')).onnxWebGpu(options),
    wasm: async (options) => (await import('@atrous/runtime-wasm')).wasm(options),
    'onnx:wasm': async (options) => (await import('@atrous/runtime-onnx/wasm')).onnxWasm(options),
    reference: async () => (await import('@atrous/graph')).referenceRuntime,
  },
  choices: {
    auto: ['onnx:webgpu', 'wasm', 'onnx:wasm'],
    onnx: ['onnx:webgpu', 'onnx:wasm'],
  },
};

const load = segmenterFor<BrowserPicture>({ runtimes, precision: 'float16', modelFiles, readPicture });

/** Cache Storage where the page may have one. */
async function openCache(): Promise<ModelCache | undefined> {
  return globalThis.caches?.open('atrous').catch(() => undefined);
}

/** Loads models. */
export const Segmenter: {
  /**
   * @param model the URL of a model's folder, the URL of each of its files, or files that somebody chose
   * @example const segmenter = await Segmenter.load('/models/people/');
   */
  load(model: ModelLocation, options?: SegmenterOptions): Promise<Segmenter>;
} = {
  load: async (model, options = {}) => load(model, { cache: await openCache(), ...options }),
};
