import { type CutOut, classProbability, type NamedClass, softCutOut } from '@atrous/mask';
import { AtrousError, inWords, type Tensor } from '@atrous/tensor';
import type { ModelDescription } from '@atrous/zoo';
import type { Pixels } from './pixels.ts';

/** Class ids out of names and ids. @throws AtrousError `input` for a class that the model does not have */
export function classIds(
  wanted: readonly (string | number)[],
  classes: readonly NamedClass[],
  option = 'cutOut',
): number[] {
  if (!Array.isArray(wanted))
    throw new AtrousError(
      'input',
      `${option}: expected a list of class names or ids, got ${inWords(wanted)}`,
    );
  return wanted.map((given) => {
    const found = classes.find(({ id, name }) => given === id || given === name);
    if (found) return found.id;
    const known = classes.map(({ id, name }) => `${name} (${id})`).join(', ');
    throw new AtrousError('input', `${option}: unknown class ${inWords(given)}: expected one of ${known}`);
  });
}

/** A picture where classes are kept, with soft edges. */
export function cutOutOf(
  pixels: Pixels,
  logits: Tensor,
  kept: readonly number[],
  { postprocess }: Pick<ModelDescription, 'postprocess'>,
): CutOut {
  return softCutOut(pixels, classProbability(logits, kept, postprocess.resize));
}
