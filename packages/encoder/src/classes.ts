import { AtrousError } from '@atrous/tensor';
import { classesOf, isImagenetCount, type LoadedModel, labelsFor } from '@atrous/zoo';

/** A class of a classifier. */
export interface Class {
  readonly id: number;
  readonly name: string;
}

/** A class, and how likely a network holds it. */
export interface Guess extends Class {
  /** Its probability, 0 to 1: softmax over all classes. */
  readonly score: number;
}

/**
 * The classes that a classifier tells apart, none for other networks. Names are the ones given, those of the config,
 * ImageNet's where there are 1000 classes (or 1001, the background first), else the ids.
 * @throws AtrousError `input` where not as many names are given as there are classes
 */
export async function classesOfModel(
  model: LoadedModel,
  given?: readonly string[],
): Promise<readonly Class[]> {
  if (!Object.hasOwn(model.graph.outputs, 'logits') || model.architecture.head !== 'classifier') return [];
  const count = classesOf(model.architecture);
  if (given && given.length !== count) {
    throw new AtrousError(
      'input',
      `labels: expected a name for each of ${count} classes, got ${given.length}`,
    );
  }
  const names = given ?? model.config?.labels.map(({ name }) => name) ?? (await knownNames(count));
  return Array.from({ length: count }, (_, id) => ({ id, name: names?.[id] ?? String(id) }));
}

async function knownNames(count: number): Promise<readonly string[] | undefined> {
  if (!isImagenetCount(count)) return undefined;
  const { labels } = await labelsFor(count);
  return labels.map(({ name }) => name);
}

/** The likeliest classes, best first; of equals the lower id. */
export function bestOf(logits: Float32Array, classes: readonly Class[], top: number): Guess[] {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (logit) => Math.exp(logit - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return classes
    .map(({ id, name }) => ({ id, name, score: powers[id] / sum }))
    .toSorted((a, b) => b.score - a.score || a.id - b.id)
    .slice(0, top);
}
