import type { Preparation } from '@atrous/segmenter';
import { describeModel, type LoadedModel } from '@atrous/zoo';

/**
 * How pictures become a model's input: as its config says; without one, as `describeModel` knows from its source and
 * variant.
 * @param given what differs
 */
export async function preparationOf(
  model: LoadedModel,
  given: Partial<Preparation> = {},
): Promise<Preparation> {
  const { preprocess } = await describeModel(model, model.source);
  const size = given.size ?? preprocess.size;
  const { fit: usual } = preprocess;
  const fit = size.mode === 'fixed' || typeof usual === 'string' ? usual : 'stretch'; // no other size can be cut out
  return { ...preprocess, fit, ...given };
}
