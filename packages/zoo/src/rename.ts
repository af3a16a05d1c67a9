import { type EncoderFamily, type Graph, type Rule, weightShapes } from '@atrous/graph';
import type { Layout } from './sources/layout.ts';

/** Our layers' names with each block's index in the network, which some sources count by. */
function indexBlocks(layers: Iterable<string>, family: EncoderFamily): (layer: string) => string {
  const encoder = 'encoder/';
  const blockOf = (layer: string) =>
    layer.startsWith(encoder) ? family.blockOf(layer.slice(encoder.length)) : undefined;
  const order = [...new Set([...layers].flatMap((layer) => blockOf(layer) ?? []))];
  return (layer) => {
    const block = blockOf(layer);
    if (block === undefined) return layer;
    const end = encoder.length + block.length;
    return `${layer.slice(0, end)}@${order.indexOf(block)}${layer.slice(end)}`;
  };
}

function renamed([pattern, theirs]: Rule, name: string): string | undefined {
  const match = pattern.exec(name);
  if (!match) return undefined;
  return typeof theirs === 'string' ? name.replace(pattern, theirs) : theirs(...match.slice(1));
}

/** The source's name of one weight, by the first rule that names it or its layer; alternatives one after the other. */
function theirNames(rules: readonly Rule[], layer: string, leaf: string, layout: Layout): string[] {
  for (const rule of rules) {
    const exact = renamed(rule, `${layer}/${leaf}`);
    if (exact !== undefined) return exact.split('|');
    const found = renamed(rule, layer);
    if (found === undefined) continue;
    const word = layout.leaves[leaf];
    return found
      .split('|')
      .map((name) => (name.includes('%') ? name.replace('%', word) : name + layout.separator + word));
  }
  return [];
}

/**
 * Which name each of a graph's weights has in a source; several where it has alternatives.
 * @returns our name → theirs, empty where the source has no name for it
 */
export function sourceNames(
  graph: Graph,
  family: EncoderFamily,
  rules: readonly Rule[],
  layout: Layout,
): ReadonlyMap<string, readonly string[]> {
  const split = (key: string) => {
    const slash = key.lastIndexOf('/');
    return [key.slice(0, slash), key.slice(slash + 1)] as const;
  };
  const keys = [...weightShapes(graph).keys()];
  const indexed = indexBlocks(
    keys.map((key) => split(key)[0]),
    family,
  );
  const { suffixes = [''] } = layout;
  return new Map(
    keys.map((key) => {
      const [layer, leaf] = split(key);
      const names = theirNames(rules, indexed(layer), leaf, layout);
      return [key, suffixes.flatMap((suffix) => names.map((name) => name + suffix))];
    }),
  );
}
