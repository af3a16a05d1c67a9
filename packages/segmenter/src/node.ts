import type { RuntimeSet } from '@atrous/graph';
import { loadModel, type ModelLocation } from '@atrous/zoo';
import { iterableFrames } from './frames.ts';
import { type NodePicture, readPicture } from './picture_node.ts';
import { type RuntimePlatform, type RuntimeTable, tableOf } from './runtimes.ts';
import { type Platform, type SegmenterOptions, segmenterFor } from './segmenter.ts';
import { type Segmenter as AnySegmenter, withStreams } from './stream.ts';
import { type Verification, type VerifyOptions, verifierFor } from './verify.ts';

export * from './exports.ts';
export type { NodePicture as Picture } from './picture_node.ts';
export { readPicture };

/** A model, loaded and ready for pictures. */
export type Segmenter = AnySegmenter<NodePicture>;

/** The runtimes of Node: our own, and the names of those that `runtimes` may bring. */
const platformRuntimes: RuntimePlatform = {
  own: {
    wasm: async (options) => (await import('@atrous/runtime-wasm')).wasm(options),
    reference: async () => (await import('@atrous/graph/reference')).referenceRuntime,
  },
  known: {
    'onnx:native': '@atrous/runtime-onnx onnxruntime-node',
    wasm: '@atrous/runtime-wasm',
    webgpu: '@atrous/runtime-webgpu webgpu',
    'onnx:wasm': '@atrous/runtime-onnx',
    'tfjs:wasm': '@atrous/runtime-tfjs',
    'tfjs:webgl': '@atrous/runtime-tfjs',
    'tfjs:webgpu': '@atrous/runtime-tfjs',
    'tfjs:cpu': '@atrous/runtime-tfjs',
    reference: '@atrous/graph',
  },
  choices: {
    auto: ['onnx:native', 'wasm', 'onnx:wasm'],
    onnx: ['onnx:native', 'onnx:wasm'],
    tfjs: ['tfjs:wasm', 'tfjs:cpu'],
  },
};

const platform: Platform<NodePicture> = {
  runtimes: platformRuntimes,
  loadModel,
  readPicture,
  memory: () => process.memoryUsage.rss(),
};
const load = segmenterFor(platform, () => ({}));

/**
 * Our own runtimes and those that are given, for `withRuntime` and `listRuntimes`.
 * @example listRuntimes(runtimeTable([onnx(), tfjs()]))
 */
export const runtimeTable = (given?: readonly RuntimeSet[]): RuntimeTable => tableOf(platformRuntimes, given);

/** Loads models. */
export const Segmenter: {
  /**
   * @param model a folder's path, an npm package, `people`, `people-small` or `street`, a URL, or files
   * @example const segmenter = await Segmenter.load('@atrous/model-people');
   */
  load(model: ModelLocation, options?: SegmenterOptions): Promise<Segmenter>;
} = {
  load: async (model, options) =>
    withStreams(await load(model, options), (source, every = true, signal) =>
      iterableFrames(source, every, signal),
    ),
};

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
