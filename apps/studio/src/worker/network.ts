import { cost, receptiveFields } from '@atrous/graph';
import { inputSize } from '@atrous/segmenter';
import { buildNetwork, loadFamily, type ModelDescription } from '@atrous/zoo';
import type { Size } from './scene.ts';

/** A block of the network's figure: nodes that belong together, in order. */
export interface Block {
  readonly name: string;
  /** e.g. `3× depthwise 3×3 → 1×1, residual` */
  readonly kinds: string;
  /** [height, width, channels] of what it gives. */
  readonly shape: readonly number[];
  readonly multiplyAdds: number;
  readonly parameters: number;
  /** Side of what one element sees, in pixels of the input; Infinity for all of it. */
  readonly receptiveField: number;
  /** The node whose value is the block's. */
  readonly value: string;
}

/** The network as a column of blocks, for one picture's size. */
export async function blocksOf(
  config: ModelDescription,
  picture: Size,
): Promise<{ input: Size; blocks: Block[] }> {
  const family = await loadFamily(config.architecture.encoder.family);
  const graph = buildNetwork(family, config.architecture);
  const input = inputSize(config.preprocess.size, picture.height, picture.width);
  const shapes = { image: [1, input.height, input.width, 3] };
  const fields = receptiveFields(graph, shapes);
  const groups = Map.groupBy(cost(graph, shapes).nodes, ({ name }) => blockName(name));
  const blocks = [...groups].map(([name, nodes]): Block => {
    const last = nodes.at(-1)!;
    const sum = (key: 'multiplyAdds' | 'parameters') => nodes.reduce((total, node) => total + node[key], 0);
    return {
      name: name.replace(/^encoder\//, '').replaceAll('_', ' '),
      kinds: describeKinds(nodes.map(({ kind }) => kind)),
      shape: last.output.shape.slice(1),
      multiplyAdds: sum('multiplyAdds'),
      parameters: sum('parameters'),
      receptiveField: Math.max(...fields.get(last.name)!),
      value: last.name,
    };
  });
  return { input, blocks };
}

/** What a figure of the network shows as one box: the encoder's blocks, the branches of the head. */
const blockName = (node: string): string =>
  node
    .split('/')
    .slice(0, node.startsWith('encoder/') ? 3 : 2)
    .join('/');

const notable: readonly (readonly [kind: string, name: string])[] = [
  ['depthwise_conv2d', 'depthwise'],
  ['conv2d', 'convolution'],
  ['pool', 'pool'],
  ['global_average_pool', 'pool over all'],
  ['adaptive_average_pool', 'adaptive pool'],
  ['multiply', 'gate'],
  ['resize_bilinear', 'resize'],
  ['concat', 'concat'],
  ['add', 'residual'],
  ['dense', 'dense'],
];

function describeKinds(kinds: readonly string[]): string {
  const parts = notable.flatMap(([kind, name]) => {
    const count = kinds.filter((other) => other === kind).length;
    return count === 0 ? [] : [count === 1 ? name : `${count} ${name}`];
  });
  return parts.join(' · ');
}
