import type { Preparation } from '@atrous/segmenter';
import { classesOf, describeModel, type LoadedModel } from '@atrous/zoo';

/** The share of the shorter side that ImageNet's evaluations look at (timm's and torchvision's default). */
const imagenetCrop = 0.875;

/** How many classes networks have that were trained on ImageNet's 1000; TF-slim counts the background. */
export const isImagenetCount = (classes: number): boolean => classes === 1000 || classes === 1001;

/**
 * How pictures become a model's input: as its config says; without one, as `describeModel` knows from its source and
 * variant, but that networks of ImageNet, and encoders alone, see the middle of a picture, as they are evaluated.
 * @param given what differs
 */
export function preparationOf(model: LoadedModel, given: Partial<Preparation> = {}): Preparation {
  const { preprocess } = describeModel(model, model.source);
  const { head } = model.architecture;
  const classes = classesOf(model.architecture);
  const seesMiddle = !model.config && head === 'classifier' && (classes === 0 || isImagenetCount(classes));
  const fits = seesMiddle && (given.size ?? preprocess.size).mode === 'fixed'; // no other size can be cut out
  return { ...preprocess, ...(fits && { fit: { crop: imagenetCrop } }), ...given };
}
