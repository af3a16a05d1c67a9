export type { Preparation } from '@atrous/segmenter';
export type { Class, Guess } from './classes.ts';
export type {
  ClassifyOptions,
  EncoderCallOptions,
  EncoderOptions,
  FeatureOptions,
  ForPictures,
  Level,
} from './encoder.ts';
export type { Tap } from './taps.ts';
export { cosine, nearest, normalized } from './vectors.ts';
