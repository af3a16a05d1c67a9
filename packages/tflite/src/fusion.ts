import type { Graph, Node } from '@atrous/graph';
import { countReaders } from '@atrous/graph/lowering';
import { fusedActivations } from './schema.ts';

/** Operators that can apply an activation to what they make. */
const fusing = new Set<string>(['conv2d', 'depthwise_conv2d', 'dense', 'add', 'multiply']);

/** Activations that become part of the operator before them: the activation's node to that operator's. */
export function fusions(graph: Graph): ReadonlyMap<string, Node> {
  const readers = countReaders(graph);
  const producers = new Map(graph.nodes.map((node) => [node.name, node]));
  const found = new Map<string, Node>();
  for (const { name, op, inputs } of graph.nodes) {
    const producer = producers.get(inputs[0]);
    if (op.kind !== 'activation' || !(op.function in fusedActivations) || !producer) continue;
    if (fusing.has(producer.op.kind) && readers.get(producer.name) === 1) found.set(name, producer);
  }
  return found;
}
