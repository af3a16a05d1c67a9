import { clip } from '../brief.ts';
import type { Hdf5File } from '../hdf5/file.ts';
import { type Hdf5Object, readPath } from '../hdf5/object.ts';
import { type FoundWeight, foundWeight, unifyDepthwise } from './found_weight.ts';
import { groupBy } from './group_by.ts';
import { splitWeightName } from './leaves.ts';

/** An attribute that is a list; one above 64 kB is cut into `layer_names0`, `layer_names1`, …. */
export function listOf({ texts }: Hdf5Object, name: string): readonly string[] | undefined {
  const whole = texts.get(name);
  if (whole) return whole;
  const pieces: (readonly string[])[] = [];
  for (let piece = texts.get(`${name}0`); piece; piece = texts.get(`${name}${pieces.length}`))
    pieces.push(piece);
  return pieces.length > 0 ? pieces.flat() : undefined;
}

/** Weights that belong to the model itself and to none of its layers. */
const modelsOwn = 'top_level_model_weights';

/**
 * The weights of an HDF5 file whose groups are layers by name (`layer_names`), each with a list of its weights: Keras 1 and
 * 2, and Keras 3 for `.h5`. In the order of the model's layers.
 */
export async function namedLayerWeights(file: Hdf5File, group: Hdf5Object): Promise<FoundWeight[]> {
  const found: FoundWeight[] = [];
  const names = listOf(group, 'layer_names') ?? [];
  for (const name of group.links.has(modelsOwn) ? [...names, modelsOwn] : names) {
    const layer = await readPath(file, group, name);
    if (!layer) return file.fail(`it lists the layer ${JSON.stringify(clip(name))} and does not hold it`);
    found.push(...(await layerWeights(file, layer, name)));
  }
  return found;
}

async function layerWeights(file: Hdf5File, group: Hdf5Object, name: string): Promise<FoundWeight[]> {
  const found: FoundWeight[] = [];
  for (const path of listOf(group, 'weight_names') ?? []) {
    const { layer, leaf } = splitWeightName(path);
    const object = await readPath(file, group, path);
    const weight = object && foundWeight([name, layer], leaf, object);
    if (!weight)
      return file.fail(
        `layer ${clip(name)} lists the weight ${JSON.stringify(clip(path))} and does not hold it`,
      );
    found.push(weight);
  }
  const inner = groupBy(found, ({ layers }) => layers[1]);
  if (inner.size > 1) return [...inner.values()].flatMap(unifyDepthwise);
  // The group's name is the layer's. What its weights call it can be another: TensorFlow 1 counted on (conv1_1/kernel:0).
  return unifyDepthwise(found).map((weight) => ({ ...weight, layers: [name] }));
}
