import { loadModel, type ModelLocation } from '@atrous/zoo';
import { checkLoad } from './arguments.ts';
import { openModelCache } from './cache.ts';
import { type BrowserPicture, readPicture } from './picture_browser.ts';
import { type Rendering, rendering } from './render.ts';
import { platformRuntimes } from './runtimes_browser.ts';
import { type PictureSegmenter, type Platform, type SegmenterOptions, segmenterFor } from './segmenter.ts';

/** What a page needs once it loads a model: it comes after what shows the page. */
export const platform: Platform<BrowserPicture> = {
  runtimes: platformRuntimes,
  loadModel,
  readPicture,
};

const open = segmenterFor(platform, rendering);

/** Loads a model in browsers. */
export async function load(
  model: ModelLocation,
  options: SegmenterOptions = {},
): Promise<PictureSegmenter<BrowserPicture> & Rendering> {
  checkLoad(model, options); // before its own options are spread
  return open(model, { cache: await openModelCache(), ...options });
}
