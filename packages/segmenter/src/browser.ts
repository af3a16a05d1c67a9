import type { RuntimeSet } from '@atrous/graph';
import type { ModelLocation } from '@atrous/zoo';
import { clearPacked, modelCacheName } from './cache.ts';
import { type BrowserSegmenter, framesOf } from './frames_browser.ts';
import { type BrowserPicture, decodePicture, readPicture } from './picture_browser.ts';
import { type RuntimeTable, tableOf } from './runtimes.ts';
import { platformRuntimes } from './runtimes_browser.ts';
import type { SegmenterOptions } from './segmenter.ts';
import { withStreams } from './stream.ts';
import type { Verification, VerifyOptions } from './verify.ts';

export * from './exports.ts';
export type { BrowserPicture as Picture } from './picture_browser.ts';
export type { FrameLook, Rendered, RenderOptions } from './render.ts';
export { clearPacked, decodePicture, modelCacheName, readPicture };

/** A model, loaded and ready for pictures. */
export type Segmenter = BrowserSegmenter;

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
  async load(model, options) {
    const { load } = await import('./load_browser.ts'); // a page shows itself before it has all of this
    return withStreams(await load(model, options), framesOf) as BrowserSegmenter;
  },
};

/**
 * Runs one picture through every runtime that is there and compares what they give.
 * @param picture a picture of waves by default
 * @example const { reports } = await verify('/models/people/');
 */
export async function verify(
  model: ModelLocation,
  picture?: BrowserPicture,
  options?: VerifyOptions,
): Promise<Verification> {
  return (await import('./verify_browser.ts')).verify(model, picture, options);
}
