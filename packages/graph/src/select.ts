import { unknownName } from '@atrous/tensor';
import type { Graph } from './graph.ts';

/** Every public name that can be asked of a graph. */
export function namedValues(graph: Graph): string[] {
  return [...new Set([...Object.keys(graph.outputs), ...Object.keys(graph.endpoints)])];
}

/**
 * The same network with other outputs, and without the nodes that these do not need.
 * A name is an output, an endpoint, or any node name.
 * @throws AtrousError `input` that lists the valid names.
 */
export function selectOutputs(graph: Graph, names?: readonly string[]): Graph {
  const outputs: Record<string, string> = {};
  for (const name of names ?? Object.keys(graph.outputs)) {
    const named = [graph.outputs, graph.endpoints].find((values) => Object.hasOwn(values, name));
    if (named) outputs[name] = named[name];
    else if (graph.nodes.some((node) => node.name === name)) outputs[name] = name;
    else throw unknownName('output', name, namedValues(graph));
  }
  const needed = new Set(Object.values(outputs));
  const nodes = graph.nodes
    .toReversed()
    .filter((node) => {
      if (!needed.has(node.name)) return false;
      for (const input of node.inputs) needed.add(input);
      return true;
    })
    .reverse();
  const endpoints = Object.fromEntries(
    Object.entries(graph.endpoints).filter(([, value]) => needed.has(value)),
  );
  return { inputs: graph.inputs, nodes, outputs, endpoints };
}
