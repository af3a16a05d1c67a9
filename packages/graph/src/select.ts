import { unknownName } from '@atrous/tensor';
import { type Graph, inferGraph } from './graph.ts';

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

/**
 * The part of a network that lies between some of its values and its outputs. These become inputs by their own names, beside those
 * of the network's inputs that the part still needs; weights keep their names.
 * @param from names of nodes
 * @param outputs as `selectOutputs` takes them
 * @throws AtrousError `input` for a name that is none
 */
export function partOf(graph: Graph, from: readonly string[], outputs: readonly string[]): Graph {
  const given = new Set(from);
  const ports = inferGraph(graph);
  for (const name of given) {
    if (!ports.has(name)) throw unknownName('value', name, ports.keys());
  }
  const rest = selectOutputs(
    { ...graph, nodes: graph.nodes.filter(({ name }) => !given.has(name)) },
    outputs,
  );
  const needed = new Set(rest.nodes.flatMap(({ inputs }) => inputs));
  const inputs = [...Object.keys(graph.inputs), ...given].filter((name) => needed.has(name));
  return { ...rest, inputs: Object.fromEntries(inputs.map((name) => [name, ports.get(name)!])) };
}
