import { loadModel, type ModelLocation } from '@atrous/zoo/node';
import { type NodePicture, readPicture } from './picture_node.ts';
import type { RuntimeTable } from './runtimes.ts';
import {
  type Segmenter as AnySegmenter,
  type Platform,
  type SegmenterOptions,
  segmenterFor,
} from './segmenter.ts';
import { type Verification, type VerifyOptions, verifierFor } from './verify.ts';

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
    'tfjs:wasm': async (options) => (await import('@atrous/runtime-tfjs/wasm')).tfjsWasm(options),
    'tfjs:webgl': async () => (await import('@atrous/runtime-tfjs/webgl')).tfjsWebGl(),
    'tfjs:webgpu': async () => (await import('@atrous/runtime-tfjs/webgpu')).tfjsWebGpu(),
    'tfjs:cpu': async () => (await import('@atrous/runtime-tfjs/cpu')).tfjsCpu(),
    reference: async () => (await import('@atrous/graph')).referenceRuntime,
  },
  choices: {
    auto: ['onnx:native', 'wasm', 'onnx:wasm'],
    onnx: ['onnx:native', 'onnx:wasm'],
    tfjs: ['tfjs:wasm', 'tfjs:cpu'],
  },
};

const platform: Platform<NodePicture> = {
  runtimes,
  loadModel,
  readPicture,
  memory: () => process.memoryUsage.rss(),
};
const load = segmenterFor(platform);

/** Loads models. */
export const Segmenter: {
  /**
   * @param model a folder's path, an npm package, `people`, `people-small` or `street`, a URL, or files
   * @example const segmenter = await Segmenter.load('@atrous/model-people');
   */
  load(model: ModelLocation, options?: SegmenterOptions): Promise<Segmenter>;
} = { load };

/**
 * Runs one picture through every runtime that is there and compares what they give.
 * @param picture a picture of waves by default
 * @example const { reports } = await verify('people');
 */
export const verify: (
  model: ModelLocation,
  picture?: NodePicture,
  options?: VerifyOptions,
) => Promise<Verification> = verifierFor(platform);
