import { type Picture, readPicture, runtimeTable } from '@atrous/segmenter';
import { checkLoad } from '@atrous/segmenter/shared';
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
 * Loads a model as an encoder: a classifier, an encoder alone, or that of a DeepLab.
 * @param model a folder's path, an npm package, `people`, `people-small` or `street`, a URL, files, or a bare checkpoint
 * @throws AtrousError
 * @example const encoder = await loadEncoder('resnet50.pth');
 */
export async function loadEncoder(model: ModelLocation, options: LoadEncoderOptions = {}): Promise<Encoder> {
  checkLoad(model, options);
  return encoderOf(await loadModel(model, options), options);
}
