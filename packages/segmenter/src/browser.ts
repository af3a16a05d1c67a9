import type { RuntimeSet } from '@atrous/graph';
import { loadModel, type ModelLocation } from '@atrous/zoo';
import { checkLoad } from './arguments.ts';
import { clearPacked, modelCacheName, openModelCache } from './cache.ts';
import { type BrowserPicture, decodePicture, readPicture } from './picture_browser.ts';
import { type RuntimePlatform, type RuntimeTable, tableOf } from './runtimes.ts';
import {
  type Segmenter as AnySegmenter,
  type Platform,
  type SegmenterOptions,
  segmenterFor,
} from './segmenter.ts';
import { type Verification, type VerifyOptions, verifierFor } from './verify.ts';

export * from './exports.ts';
export type { BrowserPicture as Picture } from './picture_browser.ts';
export { clearPacked, decodePicture, modelCacheName, readPicture };

/** A model, loaded and ready for pictures. */
export type Segmenter = AnySegmenter<BrowserPicture>;

/** The runtimes of browsers: our own, and the names of those that `runtimes` may bring. */
const platformRuntimes: RuntimePlatform = {
  own: {
    wasm: async (options) => (await import('@atrous/runtime-wasm')).wasm(options),
    reference: async () => (await import('@atrous/graph/reference')).referenceRuntime,
  },
  known: {
    'onnx:webgpu': '@atrous/runtime-onnx',
    wasm: '@atrous/runtime-wasm',
    'onnx:wasm': '@atrous/runtime-onnx',
    'tfjs:wasm': '@atrous/runtime-tfjs',
    'tfjs:webgl': '@atrous/runtime-tfjs',
    'tfjs:webgpu': '@atrous/runtime-tfjs',
    'tfjs:cpu': '@atrous/runtime-tfjs',
    reference: '@atrous/graph',
  },
  choices: {
    auto: ['onnx:webgpu', 'wasm', 'onnx:wasm'],
    onnx: ['onnx:webgpu', 'onnx:wasm'],
    tfjs: ['tfjs:webgpu', 'tfjs:webgl', 'tfjs:wasm', 'tfjs:cpu'],
  },
};

const platform: Platform<BrowserPicture> = {
  runtimes: platformRuntimes,
  loadModel,
  readPicture,
};
const load = segmenterFor(platform);

/**
 * Our own runtimes and those that are given, for `withRuntime` and `listRuntimes`.
 * @example listRuntimes(runtimeTable([onnx(), tfjs()]))
 */
export const runtimeTable = (given?: readonly RuntimeSet[]): RuntimeTable => tableOf(platformRuntimes, given);

/** Loads models. */
export const Segmenter: {
  /**
   * @param model the URL of a model's folder, the URL of each of its files, or files that somebody chose
   * @example const segmenter = await Segmenter.load('/models/people/');
   */
  load(model: ModelLocation, options?: SegmenterOptions): Promise<Segmenter>;
} = {
  async load(model, options = {}) {
    checkLoad(model, options); // before its own options are spread
    return load(model, { cache: await openModelCache(), ...options });
  },
};

/**
 * Runs one picture through every runtime that is there and compares what they give.
 * @param picture a picture of waves by default
 * @example const { reports } = await verify('/models/people/');
 */
export const verify: (
  model: ModelLocation,
  picture?: BrowserPicture,
  options?: VerifyOptions,
) => Promise<Verification> = verifierFor(platform);
