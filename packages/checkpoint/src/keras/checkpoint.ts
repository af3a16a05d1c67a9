import { clip } from '../brief.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { dtypeOf, elementName, readElements } from '../hdf5/dataset.ts';
import type { Hdf5File } from '../hdf5/file.ts';
import { type Located, locatedCheckpoint } from '../located.ts';
import type { FoundWeight } from './found_weight.ts';
import { groupBy } from './group_by.ts';

/** Weights as a checkpoint. Their names are `layer/leaf`, those in models in the model too where two layers share a name. */
export function checkpointOf(
  file: Hdf5File,
  weights: readonly FoundWeight[],
  metadata: Readonly<Record<string, string>>,
): Checkpoint {
  const located = new Map<string, Located>();
  for (const [name, { dataset, isBfloat16 }] of nameEach(weights)) {
    if (located.has(name)) file.fail(`two weights are called ${JSON.stringify(clip(name))}`);
    located.set(name, {
      shape: dataset.shape,
      dtype: elementName(dataset),
      kind: dtypeOf(dataset, isBfloat16),
      storedBytes: dataset.size,
      readElements: () => readElements(file, dataset, clip(name)),
    });
  }
  return locatedCheckpoint(file.name, located, metadata);
}

function nameEach(weights: readonly FoundWeight[]): [string, FoundWeight][] {
  const byLastName = groupBy(weights, ({ layers }) => layers.at(-1) ?? '');
  const isOnly = (layer: string): boolean => {
    const paths = byLastName.get(layer)?.map(({ layers }) => layers.join('/'));
    return new Set(paths).size === 1;
  };
  const shared = new Set([...byLastName.keys()].filter((layer) => !isOnly(layer)));
  return weights.map((weight) => {
    const { layers, leaf } = weight;
    const layer = layers.at(-1) ?? '';
    return [`${shared.has(layer) ? layers.join('/') : layer}/${leaf}`, weight];
  });
}
