import { briefList } from '@atrous/checkpoint';
import { type Graph, type WeightSource, weightShapes } from '@atrous/graph';
import { scaleName } from '@atrous/graph/lowering';
import {
  AtrousError,
  allocate,
  describeSpec,
  permuteAxes,
  reshapeAxes,
  sizeOf,
  tensor,
} from '@atrous/tensor';
import type { NameView } from './names.ts';
import { axesOf, type Layout, ownAxes } from './sources/layout.ts';

/** How a graph's weights lie in a file: what is found where, and what is not. */
export interface Fit {
  /** Our name → the file's. */
  readonly found: ReadonlyMap<string, string>;
  /** Our names of what the source leaves out, which is a constant. */
  readonly constants: ReadonlyMap<string, number>;
  readonly missing: readonly string[];
  readonly misshaped: readonly string[];
  /** The file's names that the network does not have. */
  readonly left: readonly string[];
}

/** Whether a shape is another with ones left out and neighbouring axes merged, so that the numbers lie in one order. */
export function isReshaped(given: readonly number[], expected: readonly number[]): boolean {
  if (sizeOf(given) !== sizeOf(expected)) return false;
  const [a, b] = [given, expected].map((shape) => shape.filter((extent) => extent !== 1));
  const [few, many] = a.length <= b.length ? [a, b] : [b, a];
  let at = 0;
  return few.every((extent) => {
    let merged = 1;
    while (merged < extent && at < many.length) merged *= many[at++];
    return merged === extent;
  });
}

/** Looks each of a graph's weights up in a file, by names and shapes alone. */
export function fitWeights(
  graph: Graph,
  weights: WeightSource,
  view: NameView,
  names: ReadonlyMap<string, readonly string[]>,
  layout: Layout,
  defaults: Readonly<Record<string, number>> = {},
): Fit {
  const found = new Map<string, string>();
  const constants = new Map<string, number>();
  const missing: string[] = [];
  const misshaped: string[] = [];
  const axes = axesFor(graph, layout);
  const shapes = weightShapes(graph);
  for (const [key, candidates] of names) {
    const name = candidates.map((candidate) => view.get(candidate)).find((one) => one !== undefined);
    const leaf = key.slice(key.lastIndexOf('/') + 1);
    if (name === undefined) {
      if (leaf in defaults) constants.set(key, defaults[leaf]);
      else
        missing.push(candidates.length ? candidates.join(' or ') : `${key} (the source has no name for it)`);
      continue;
    }
    const { ours, theirs } = axes(key);
    const shape = shapes.get(key)!;
    const expected = ours && theirs ? reshapeAxes(shape, ours, theirs) : shape;
    const spec = weights.spec(name);
    found.set(key, name);
    if (!isReshaped(spec.shape, expected)) {
      misshaped.push(`${name}: expected [${expected.join(',')}], got ${describeSpec(spec)}`);
    }
  }
  const files = new Set(view.values());
  for (const [key, name] of [...found]) {
    if (weights.spec(name).dtype !== 'int8') continue;
    if (files.has(scaleName(name))) found.set(scaleName(key), scaleName(name));
    else missing.push(`${scaleName(name)} (the scales of an 8-bit kernel)`);
  }
  const used = new Set(found.values());
  return { found, constants, missing, misshaped, left: weights.names.filter((name) => !used.has(name)) };
}

/** The weights of a fit under our names and in our axes. They are turned when they are read. */
export function adaptWeights(graph: Graph, weights: WeightSource, fit: Fit, layout: Layout): WeightSource {
  const shapes = weightShapes(graph);
  const axes = axesFor(graph, layout);
  const nameOf = (key: string): string => {
    const name = fit.found.get(key);
    if (name === undefined) throw new AtrousError('weights', `weight "${key}" is missing`);
    return name;
  };
  return {
    names: [...fit.found.keys(), ...fit.constants.keys()],
    spec(key) {
      if (fit.constants.has(key)) return { dtype: 'float32', shape: shapes.get(key)! };
      const { dtype, shape } = weights.spec(nameOf(key));
      return { dtype, shape: shapes.get(key) ?? shape };
    },
    async read(key) {
      const shape = shapes.get(key);
      const constant = fit.constants.get(key);
      if (constant !== undefined && shape) {
        return tensor('float32', shape, allocate('float32', sizeOf(shape)).fill(constant));
      }
      const raw = await weights.read(nameOf(key));
      if (!shape) return raw;
      const { ours, theirs } = axes(key);
      if (!ours || !theirs) return tensor(raw.dtype, shape, raw.data);
      const whole = tensor(raw.dtype, reshapeAxes(shape, ours, theirs), raw.data);
      return permuteAxes(whole, theirs, ours);
    },
  };
}

/** The axes of a weight here and in a layout. */
function axesFor(graph: Graph, layout: Layout) {
  const kinds = new Map(graph.nodes.map((node) => [node.name, node.op.kind]));
  return (key: string) => {
    const slash = key.lastIndexOf('/');
    const [kind, leaf] = [kinds.get(key.slice(0, slash))!, key.slice(slash + 1)];
    return { ours: axesOf(ownAxes, kind, leaf), theirs: axesOf(layout.kernels, kind, leaf) };
  };
}

/** What is wrong with a fit, for people. */
export function describeMisfit({ missing, misshaped, left }: Fit, ignore?: RegExp): string {
  const unexpected = left.filter((name) => !ignore?.test(name));
  return Object.entries({ missing, misshaped, unexpected })
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${names.length} ${what}:\n  ${briefList(names).join('\n  ')}`)
    .join('\n');
}
