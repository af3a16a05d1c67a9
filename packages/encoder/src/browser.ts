import { type Picture, readPicture, runtimeTable } from '@atrous/segmenter/browser';
import { checkLoad, openModelCache } from '@atrous/segmenter/shared';
import { type LoadedModel, type LoadModelOptions, loadModel, type ModelLocation } from '@atrous/zoo';
import { type Encoder as AnyEncoder, type EncoderOptions, encoderFor } from './encoder.ts';

export * from './exports.ts';
export type { Picture };

/** An encoder, loaded and ready for pictures. */
export type Encoder = AnyEncoder<Picture>;

/** A loaded model as an encoder: the same weights, ready for pictures. @throws AtrousError */
export const encoderOf: (model: LoadedModel, options?: EncoderOptions) => Promise<Encoder> = encoderFor({
  runtimeTable,
  readPicture,
});

export type LoadEncoderOptions = LoadModelOptions & EncoderOptions;

/**
 * Loads a model as an encoder: a classifier, an encoder alone, or that of a DeepLab. What is downloaded is kept in Cache
 * Storage where the page may have one.
 * @param model a folder's URL, the URL of each file, files that somebody chose, or a bare checkpoint
 * @throws AtrousError
 * @example const encoder = await loadEncoder('/models/xception/');
 */
export async function loadEncoder(model: ModelLocation, options: LoadEncoderOptions = {}): Promise<Encoder> {
  checkLoad(model, options);
  return encoderOf(await loadModel(model, { cache: await openModelCache(), ...options }), options);
}
