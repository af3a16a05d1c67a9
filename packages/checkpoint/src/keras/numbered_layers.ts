import type { Hdf5File } from '../hdf5/file.ts';
import type { Links } from '../hdf5/group.ts';
import { type Hdf5Object, readObject } from '../hdf5/object.ts';
import { type LayerConfig, layerConfig, layersByGroup, snakeCase } from './config.ts';
import { type FoundWeight, foundWeight } from './found_weight.ts';
import { groupBy } from './group_by.ts';
import { leafNames } from './leaves.ts';

/** Where a model keeps its layers; the second one is that of Keras 2.13. */
const containers = new Set(['layers', '_layer_checkpoint_dependencies']);
/** What is no weight of the network. */
const leftOut = new Set(['optimizer', 'seed_generator']);
const deepest = 32;

/** A group on the way from the file's root. */
interface Place {
  /** The names of the layers around it. */
  readonly outer: readonly string[];
  readonly groupName: string;
  readonly config?: LayerConfig;
  readonly depth: number;
}

/**
 * The weights of a `.weights.h5` file of Keras 3, where groups are classes with counters and weights are numbers
 * (`layers/conv2d_1/vars/0`). A layer's name is an attribute since Keras 3.15; before, the configuration has it, and
 * where there is none, the group's name stands for it. The order of layers is the configuration's; without one, it is
 * exact among layers of one class and follows the data in the file between classes.
 */
export async function numberedWeights(
  file: Hdf5File,
  root: Hdf5Object,
  config?: LayerConfig,
): Promise<FoundWeight[]> {
  return weightsBelow(file, root, { outer: [], groupName: '', config, depth: 0 });
}

/** True for a file of this kind. */
export function hasNumberedWeights({ links }: Hdf5Object): boolean {
  return links.has('vars') || [...containers].some((name) => links.has(name));
}

async function weightsBelow(file: Hdf5File, group: Hdf5Object, place: Place): Promise<FoundWeight[]> {
  const { outer, groupName, config, depth } = place;
  if (depth > deepest) return file.fail(`its layers are nested deeper than ${deepest} levels`);
  const vars = group.links.get('vars');
  const own = vars === undefined ? undefined : await readObject(file, vars);
  const name = own?.texts.get('name')?.[0] || config?.name || groupName;
  const found: FoundWeight[] = [];
  if (own) found.push(...(await ownWeights(file, own, { ...place, outer: [...outer, name || 'model'] })));

  const layers = depth === 0 ? [] : [...outer, name]; // the model itself is in no name
  for (const [child, address] of childrenInOrder(group)) {
    const object = await readObject(file, address);
    if (object.dataset) continue;
    const inner = {
      outer: layers,
      groupName: child,
      config: layerConfig(config?.settings[child]),
      depth: depth + 1,
    };
    const weights = containers.has(child)
      ? modelsLayers(file, object, { ...place, outer: layers })
      : weightsBelow(file, object, inner);
    found.push(...(await weights));
  }
  return found;
}

/** A model's layers before what else it has, as Keras goes through them. */
function childrenInOrder({ links }: Hdf5Object): [string, number][] {
  const children = byName(links).filter(([name]) => name !== 'vars' && !leftOut.has(name));
  return [
    ...children.filter(([name]) => containers.has(name)),
    ...children.filter(([name]) => !containers.has(name)),
  ];
}

const byName = (links: Links): [string, number][] => [...links].sort(([a], [b]) => naturalOrder(a, b));

/** The weights of a group `vars`. @param place `outer` with its layer's own name */
async function ownWeights(file: Hdf5File, vars: Hdf5Object, place: Place): Promise<FoundWeight[]> {
  const { outer, groupName, config } = place;
  const found: FoundWeight[] = [];
  for (const [key, address] of byName(vars.links)) {
    const weight = foundWeight(outer, key, await readObject(file, address));
    if (weight) found.push(weight);
  }
  const isNumbered = found.every(({ leaf }, i) => leaf === String(i));
  if (!isNumbered) return found; // a layer that gives its weights names of its own
  const className = config ? snakeCase(config.className) : groupName.replace(/_\d+$/, '');
  const shapes = found.map(({ dataset }) => dataset.shape);
  const leaves = leafNames(className, config?.settings, shapes);
  return found.map((weight, i) => ({ ...weight, leaf: leaves[i] }));
}

/** The weights of a model's layers, in its order. */
async function modelsLayers(file: Hdf5File, container: Hdf5Object, place: Place): Promise<FoundWeight[]> {
  const configs = layersByGroup(place.config?.layers ?? []);
  const byGroup = new Map<string, FoundWeight[]>();
  for (const [groupName, address] of container.links) {
    const object = await readObject(file, address);
    if (object.dataset) continue;
    const inner = { outer: place.outer, groupName, config: configs.get(groupName), depth: place.depth + 1 };
    byGroup.set(groupName, await weightsBelow(file, object, inner));
  }
  const known = [...configs.keys()].filter((name) => byGroup.has(name));
  const others = [...byGroup.keys()].filter((name) => !configs.has(name));
  return [...known, ...mergeClasses(others, byGroup)].flatMap((name) => byGroup.get(name) ?? []);
}

/** Counters give the order within each class; between classes, what lies first in the file goes first. */
function mergeClasses(
  names: readonly string[],
  byGroup: ReadonlyMap<string, readonly FoundWeight[]>,
): string[] {
  const queues = [...groupBy([...names].sort(naturalOrder), (name) => name.replace(/_\d+$/, '')).values()];
  const placeOf = (name: string): number => {
    const layout = byGroup.get(name)?.[0]?.dataset.layout;
    return layout?.kind === 'contiguous' ? (layout.address ?? 0) : 0;
  };
  const merged: string[] = [];
  while (merged.length < names.length) {
    const next = queues.filter((queue) => queue.length > 0).sort((a, b) => placeOf(a[0]) - placeOf(b[0]))[0];
    merged.push(next.shift() as string);
  }
  return merged;
}

/** `conv2d` before `conv2d_1`, `conv2d_2` before `conv2d_10`. */
function naturalOrder(a: string, b: string): number {
  const [, stemA, countA] = /^(.*?)(\d*)$/s.exec(a) ?? [];
  const [, stemB, countB] = /^(.*?)(\d*)$/s.exec(b) ?? [];
  if (stemA !== stemB) return stemA < stemB ? -1 : 1;
  return Number(countA) - Number(countB);
}
