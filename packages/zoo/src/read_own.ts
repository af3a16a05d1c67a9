import { type EncoderFamily, foldedGraph, type Graph, type WeightSource, weightShapes } from '@atrous/graph';
import { scaleName } from '@atrous/graph/lowering';
import { type Architecture, buildNetwork } from './architecture.ts';
import type { Recognised } from './read_as.ts';
import { own } from './sources/own.ts';

/**
 * The weights of a network that is known, under our own names and in our own axes, as `saveModel` writes them: they are taken as they lie.
 * @returns undefined where one is missing or has another shape
 */
export function readOwn(
  weights: WeightSource,
  family: EncoderFamily,
  architecture: Architecture,
): Recognised | undefined {
  const whole = buildNetwork(family, architecture);
  const there = new Set(weights.names);
  let graph = whole;
  let names = namesOf(graph, weights, there);
  if (!names) {
    graph = foldedGraph(whole); // batch norms may be in the convolutions before them
    names = namesOf(graph, weights, there);
  }
  if (!names) return undefined;
  const used = new Set(names);
  return {
    source: own,
    encoder: { naming: 'own', pixels: 'imagenet' },
    family,
    architecture,
    graph,
    weights: { names, spec: (name) => weights.spec(name), read: (name) => weights.read(name) },
    wrapper: '',
    used: names.length,
    ignored: weights.names.filter((name) => !used.has(name)),
    alsoFits: [],
  };
}

/** What a graph reads, with the scales of 8-bit kernels; undefined where the weights are not those. */
function namesOf(graph: Graph, weights: WeightSource, there: ReadonlySet<string>): string[] | undefined {
  const names: string[] = [];
  for (const [name, shape] of weightShapes(graph)) {
    if (!there.has(name)) return undefined;
    const spec = weights.spec(name);
    if (spec.shape.join() !== shape.join()) return undefined;
    names.push(name);
    if (spec.dtype === 'int8') names.push(scaleName(name));
  }
  return names.every((name) => there.has(name)) ? names : undefined;
}
