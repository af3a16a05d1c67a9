import { parseJson } from '../json.ts';

/** A layer, or a model as a layer, as Keras' configuration describes it. */
export interface LayerConfig {
  /** E.g. `Conv2D`, `Functional`. */
  readonly className: string;
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Of a model, in its order. */
  readonly layers?: readonly LayerConfig[];
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a model's configuration. undefined where it is not there or not to be understood: names then come from the file
 * of weights alone.
 */
export function readConfig(text: string | undefined): LayerConfig | undefined {
  if (text === undefined) return undefined;
  try {
    return layerConfig(parseJson(text, { depth: 256 }));
  } catch {
    return undefined;
  }
}

/** A layer out of its serialised form. undefined where it is none. */
export function layerConfig(value: unknown): LayerConfig | undefined {
  if (!isRecord(value) || typeof value.class_name !== 'string') return undefined;
  const settings = isRecord(value.config) ? value.config : {};
  const list = Array.isArray(value.config) ? value.config : settings.layers; // a list: Sequential before Keras 2.2.3
  const name = [settings.name, value.name].find((candidate) => typeof candidate === 'string');
  return {
    className: value.class_name,
    name: name ?? '',
    settings,
    layers: Array.isArray(list) ? list.map(layerConfig).filter((layer) => layer !== undefined) : undefined,
  };
}

/** A class's name as Keras makes names of it: `BatchNormalization` → `batch_normalization`, `Conv2D` → `conv2d`. */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** The layers of a model by the names that their groups have in a file: class names, with counters from the second on. */
export function layersByGroup(layers: readonly LayerConfig[]): ReadonlyMap<string, LayerConfig> {
  const counts = new Map<string, number>();
  const byGroup = new Map<string, LayerConfig>();
  for (const layer of layers) {
    const name = snakeCase(layer.className);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    byGroup.set(count === 0 ? name : `${name}_${count}`, layer);
  }
  return byGroup;
}
