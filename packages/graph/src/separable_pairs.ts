import { sizeOf } from '@atrous/tensor';
import type { Graph, Node } from './graph.ts';

/** A depthwise and a pointwise convolution that together are one separable convolution. */
export interface SeparablePair {
  readonly depthwise: Node;
  readonly pointwise: Node;
  readonly isPointwiseFirst: boolean;
}

/** What may stand between the two parts. */
const between = new Set(['batch_norm', 'activation', 'multiply', 'scale']);

const isDepthwise = ({ op }: Node): boolean => op.kind === 'depthwise_conv2d';
const isPointwise = ({ op }: Node): boolean => op.kind === 'conv2d' && sizeOf(op.kernel) === 1;
/** Whether their names are those that `separableConv2d` gives to the parts of one convolution. */
const isOneLayer = ({ depthwise, pointwise }: SeparablePair): boolean =>
  depthwise.name.endsWith('depthwise') &&
  depthwise.name.replace(/depthwise$/, 'pointwise') === pointwise.name;

/**
 * The separable convolutions of a network, in the order of their last parts. Where a depthwise convolution stands between
 * two pointwise ones, it belongs to the one of its own layer, else to the one after it (an inverted residual's projection).
 */
export function separablePairs(graph: Graph): readonly SeparablePair[] {
  const producers = new Map(graph.nodes.map((node) => [node.name, node]));
  /** The convolution that a node's input comes from. */
  const behind = (node: Node): Node | undefined => {
    const producer = producers.get(node.inputs[0]);
    return producer && between.has(producer.op.kind) ? behind(producer) : producer;
  };
  const candidates = graph.nodes.flatMap((last): SeparablePair[] => {
    const first = isDepthwise(last) || isPointwise(last) ? behind(last) : undefined;
    if (first && isDepthwise(first) && isPointwise(last))
      return [{ depthwise: first, pointwise: last, isPointwiseFirst: false }];
    if (first && isPointwise(first) && isDepthwise(last))
      return [{ depthwise: last, pointwise: first, isPointwiseFirst: true }];
    return [];
  });
  const taken = new Set<Node>();
  const pairs = new Set<SeparablePair>();
  const take = (isWanted: (pair: SeparablePair) => boolean) => {
    for (const pair of candidates) {
      if (!isWanted(pair) || taken.has(pair.depthwise) || taken.has(pair.pointwise)) continue;
      taken.add(pair.depthwise).add(pair.pointwise);
      pairs.add(pair);
    }
  };
  take(isOneLayer);
  take(({ isPointwiseFirst }) => !isPointwiseFirst);
  return candidates.filter((pair) => pairs.has(pair));
}
