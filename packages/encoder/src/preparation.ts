import type { Preparation } from '@atrous/segmenter';
import { classesOf, type LoadedModel } from '@atrous/zoo';

/** The share of the shorter side that ImageNet's evaluations look at (timm's and torchvision's default). */
const imagenetCrop = 0.875;

/** How many classes networks have that were trained on ImageNet's 1000; TF-slim counts the background. */
export const isImagenetCount = (classes: number): boolean => classes === 1000 || classes === 1001;

/**
 * How pictures become a model's input: as its config says; without one, at the input size of its variant and with the
 * pixels of its source. Networks of ImageNet, and encoders alone, see the middle of a picture, as they are
 * evaluated; any other the whole, stretched.
 * @param given what differs
 */
export function preparationOf(model: LoadedModel, given: Partial<Preparation> = {}): Preparation {
  const { config, pixels, family, architecture } = model;
  const { inputSize } = family.variants[architecture.encoder.variant];
  const { head } = architecture;
  const classes = classesOf(architecture);
  const seesMiddle = head === 'classifier' && (classes === 0 || isImagenetCount(classes));
  const own: Preparation = config?.preprocess ?? {
    size: { mode: 'fixed', height: inputSize, width: inputSize },
    fit: seesMiddle ? { crop: imagenetCrop } : 'stretch',
    filter: 'bilinear-antialiased',
    ...pixels,
  };
  const isFree = given.size !== undefined && given.size.mode !== 'fixed';
  return { ...own, ...(isFree && { fit: 'stretch' }), ...given };
}
