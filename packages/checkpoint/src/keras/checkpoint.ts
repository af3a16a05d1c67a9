import { AtrousError, type TensorSpec } from '@atrous/tensor';
import { clip } from '../brief.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { type Dataset, kindOf, readTensor, type TensorKind } from '../hdf5/dataset.ts';
import type { Hdf5File } from '../hdf5/file.ts';
import type { FoundWeight } from './found_weight.ts';
import { groupBy } from './group_by.ts';

interface Entry {
  readonly dataset: Dataset;
  readonly kind: TensorKind;
}

/** Weights as a checkpoint. Their names are `layer/leaf`, those in models in the model too where two would be the same. */
export function checkpointOf(
  file: Hdf5File,
  weights: readonly FoundWeight[],
  metadata: Readonly<Record<string, string>>,
): Checkpoint {
  const entries = new Map<string, Entry>();
  for (const [name, { object }] of nameEach(weights)) {
    if (entries.has(name)) file.fail(`two weights are called ${JSON.stringify(clip(name))}`);
    if (!object.dataset) continue;
    const isBfloat16 = object.texts.get('dtype')?.[0] === 'bfloat16';
    entries.set(name, { dataset: object.dataset, kind: kindOf(object.dataset, isBfloat16) });
  }
  const find = (name: string): Entry => {
    const entry = entries.get(name);
    if (!entry) throw new AtrousError('weights', `${file.name}: weight "${clip(name)}" is missing`);
    return entry;
  };
  return {
    names: [...entries.keys()],
    metadata,
    spec: (name): TensorSpec => find(name).kind.spec,
    read: async (name) => readTensor(file, find(name).dataset, find(name).kind, clip(name)),
  };
}

function nameEach(weights: readonly FoundWeight[]): [string, FoundWeight][] {
  const shortName = ({ layers, leaf }: FoundWeight) => `${layers.at(-1)}/${leaf}`;
  const byShortName = groupBy(weights, shortName);
  return weights.map((weight) => {
    const isOnly = byShortName.get(shortName(weight))?.length === 1;
    return [isOnly ? shortName(weight) : [...weight.layers, weight.leaf].join('/'), weight];
  });
}
