/** `@atrous/segmenter/worker`, and what draws its label maps, for pages without a bundler: built as one file beside its worker's. */
export { colorMask, overlay, type Palette, paletteOf } from '@atrous/mask';
export * from './in_worker.ts';
