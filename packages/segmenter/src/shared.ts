/** What `@atrous/encoder` shares with the segmenter: not for others, and free to change. */
export { checkLoad, checkOptions, loadRules, pictureRules, type Rules } from './arguments.ts';
export { modelCacheName, openModelCache } from './cache.ts';
export { expectFinite } from './finite.ts';
