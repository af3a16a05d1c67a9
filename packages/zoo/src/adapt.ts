import { briefList } from '@atrous/checkpoint';
import { type Graph, scaleName, type WeightSource, weightShapes } from '@atrous/graph';
import { AtrousError, describe, permuteAxes, reshapeAxes } from '@atrous/tensor';
import { type Style, variants } from '@atrous/xception';
import type { Architecture } from './architecture.ts';
import { axesOf, ownAxes } from './sources/layout.ts';
import type { CheckpointSource, Rule } from './sources/source.ts';

/** Weights under our names and in our axes, and what of the checkpoint is not among them. */
export interface AdaptedWeights {
  readonly weights: WeightSource;
  /** Names in the checkpoint that the network does not have. */
  readonly ignored: readonly string[];
}

/** Our names with each block's index in the network, which some sources count by. */
function indexBlocks(names: Iterable<string>): (name: string) => string {
  const block = /(?:entry|middle|exit)_flow\/block\d+/;
  const order = [...new Set([...names].flatMap((name) => name.match(block) ?? []))];
  return (name) => name.replace(block, (found) => `${found}@${order.indexOf(found)}`);
}

function rename(rules: readonly Rule[], layer: string): string[] {
  for (const [pattern, theirs] of rules) {
    const match = pattern.exec(layer);
    if (!match) continue;
    const name = typeof theirs === 'string' ? layer.replace(pattern, theirs) : theirs(...match.slice(1));
    return name.split('|');
  }
  return [];
}

/**
 * Which name in the checkpoint each of a graph's weights has; several where a source has alternatives.
 * @returns our name → theirs, empty where the source has no name for it
 */
export function checkpointNames(
  graph: Graph,
  source: CheckpointSource,
  style: Style,
): ReadonlyMap<string, string[]> {
  const needed = [...weightShapes(graph).keys()];
  const indexed = indexBlocks(needed);
  const rules = source.rules[style] ?? [];
  return new Map(
    needed.map((key) => {
      const slash = key.lastIndexOf('/');
      const { separator, leaves } = source.layout;
      const suffix = separator + leaves[key.slice(slash + 1)];
      return [key, rename(rules, indexed(key.slice(0, slash))).map((name) => name + suffix)];
    }),
  );
}

/**
 * A checkpoint as weights for a graph: renamed, and turned into our axes when read.
 * @throws AtrousError `weights` that lists what is missing, mis-shaped and unexpected, twenty of each at most
 */
export function adaptWeights(
  graph: Graph,
  checkpoint: WeightSource,
  source: CheckpointSource,
  { encoder }: Pick<Architecture, 'encoder'>,
): AdaptedWeights {
  const present = new Set(checkpoint.names);
  const shapes = weightShapes(graph);
  const kinds = new Map(graph.nodes.map((node) => [node.name, node.op.kind]));
  const found = new Map<string, string>();
  const missing: string[] = [];
  const misshaped: string[] = [];
  const axesFor = (key: string) => {
    const slash = key.lastIndexOf('/');
    const [kind, leaf] = [kinds.get(key.slice(0, slash))!, key.slice(slash + 1)];
    return { ours: axesOf(ownAxes, kind, leaf), theirs: axesOf(source.layout.kernels, kind, leaf) };
  };

  for (const [key, candidates] of checkpointNames(graph, source, variants[encoder].style)) {
    const name = candidates.find((candidate) => present.has(candidate));
    if (name === undefined) {
      missing.push(
        candidates.length ? candidates.join(' or ') : `${key} (${source.name} has no name for it)`,
      );
      continue;
    }
    found.set(key, name);
    const { ours, theirs } = axesFor(key);
    const shape = shapes.get(key)!;
    const expected = ours && theirs ? reshapeAxes(shape, ours, theirs) : shape;
    if (checkpoint.spec(name).shape.join() !== expected.join()) {
      misshaped.push(`${name}: expected [${expected.join(',')}], got ${describe(checkpoint.spec(name))}`);
    }
  }
  for (const [key, name] of [...found]) {
    if (checkpoint.spec(name).dtype !== 'int8') continue;
    if (present.has(scaleName(name))) found.set(scaleName(key), scaleName(name));
    else missing.push(`${scaleName(name)} (the scales of an 8-bit kernel)`);
  }
  const used = new Set(found.values());
  const ignored = checkpoint.names.filter((name) => !used.has(name));
  if (missing.length || misshaped.length) {
    const unexpected = ignored.filter((name) => !source.ignore?.test(name));
    throw new AtrousError('weights', report(source, encoder, { missing, misshaped, unexpected }));
  }
  return {
    ignored,
    weights: {
      names: [...found.keys()],
      spec(key) {
        const { dtype, shape } = checkpoint.spec(theirName(found, key));
        return { dtype, shape: shapes.get(key) ?? shape };
      },
      async read(key) {
        const raw = await checkpoint.read(theirName(found, key));
        const { ours, theirs } = axesFor(key);
        return ours && theirs ? permuteAxes(raw, theirs, ours) : raw;
      },
    },
  };
}

function theirName(found: ReadonlyMap<string, string>, key: string): string {
  const name = found.get(key);
  if (name === undefined) throw new AtrousError('weights', `weight "${key}" is missing`);
  return name;
}

function report(source: CheckpointSource, encoder: string, lists: Record<string, readonly string[]>): string {
  const parts = Object.entries(lists)
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${names.length} ${what}:\n  ${briefList(names).join('\n  ')}`);
  return `the weights (read as ${source.name}) do not fit the network (encoder ${encoder}):\n${parts.join('\n')}`;
}
