import { type ModelLocation, modelFiles } from '@atrous/zoo/node';
import { type NodePicture, readPicture } from './picture_node.ts';
import type { RuntimeTable } from './runtimes.ts';
import { type Segmenter as AnySegmenter, type SegmenterOptions, segmenterFor } from './segmenter.ts';

export * from './exports.ts';
export type { NodePicture as Picture } from './picture_node.ts';
export { readPicture };

/** A model, loaded and ready for pictures. */
export type Segmenter = AnySegmenter<NodePicture>;

/** The runtimes of Node. */
export const runtimes: RuntimeTable = {
  runtimes: {
    'onnx:native': async (options) => (await import('@atrous/runtime-onnx/native')).onnxNative(options),
    wasm: async (options) => (await import('@atrous/runtime-wasm')).wasm(options),
    'onnx:wasm': async (options) => (await import('@atrous/runtime-onnx/wasm')).onnxWasm(options),
    reference: async () => (await import('@atrous/graph')).referenceRuntime,
  },
  choices: {
    auto: ['onnx:native', 'wasm', 'onnx:wasm'],
    onnx: ['onnx:native', 'onnx:wasm'],
  },
};

const load = segmenterFor<NodePicture>({ runtimes, precision: 'float32', modelFiles, readPicture });

/** Loads models. */
export const Segmenter: {
  /**
   * @param model a folder's path, an npm package, `people` or `street`, a URL, or files
   * @example const segmenter = await Segmenter.load('@atrous/model-people');
   */
  load(model: ModelLocation, options?: SegmenterOptions): Promise<Segmenter>;
} = { load };
