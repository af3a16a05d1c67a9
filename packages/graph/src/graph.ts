import { AtrousError, messageOf, type Port, type Ports } from '@atrous/tensor';
import { type Op, ruleOf } from './ops/index.ts';

/** One application of an operator. Its value goes by the node's name; its weights are `name/leaf`. */
export interface Node {
  readonly name: string;
  readonly op: Op;
  /** Names of values: graph inputs or nodes before this one. */
  readonly inputs: readonly string[];
}

/**
 * A network as plain data: it can be stored, compared, sent to a worker. Batch, height and width are free (null).
 * Nodes stand in an order in which they can be computed.
 */
export interface Graph {
  readonly inputs: Ports;
  readonly nodes: readonly Node[];
  /** Public name to value: what a session gives by default. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Public name to value: what a session can be asked for besides. */
  readonly endpoints: Readonly<Record<string, string>>;
}

/** What a node makes of its inputs. @throws AtrousError `shape` that names the node. */
export function inferNode(node: Node, inputs: readonly Port[]): Port {
  const rule = ruleOf(node.op);
  try {
    if (inputs.length < rule.inputs.min || inputs.length > rule.inputs.max) {
      throw new Error(`expected ${rule.inputs.min} input(s), got ${inputs.length}`);
    }
    return rule.infer(node.op, inputs);
  } catch (error) {
    throw new AtrousError('shape', `${node.name}: ${node.op.kind}: ${messageOf(error)}`, { cause: error });
  }
}

/** The port of every value, free dimensions left free. */
export function inferGraph(graph: Graph): ReadonlyMap<string, Port> {
  const ports = new Map<string, Port>(Object.entries(graph.inputs));
  for (const node of graph.nodes) ports.set(node.name, inferNode(node, inputsOf(node, ports)));
  return ports;
}

/** The ports of a node's inputs. */
export function inputsOf<P>(node: Node, values: ReadonlyMap<string, P>): P[] {
  return node.inputs.map((name) => {
    const value = values.get(name);
    if (value === undefined) {
      throw new AtrousError('shape', `${node.name}: input "${name}" is not a value that stands before it`);
    }
    return value;
  });
}

/** The weights that a graph needs: key to shape, in the order of the nodes. */
export function weightShapes(graph: Graph): ReadonlyMap<string, readonly number[]> {
  const ports = inferGraph(graph);
  const shapes = new Map<string, readonly number[]>();
  for (const node of graph.nodes) {
    for (const [leaf, shape] of Object.entries(ruleOf(node.op).weights(node.op, inputsOf(node, ports)))) {
      shapes.set(`${node.name}/${leaf}`, shape);
    }
  }
  return shapes;
}

/** How many nodes and outputs read each value. */
export function countReaders(graph: Graph): ReadonlyMap<string, number> {
  const readers = new Map<string, number>();
  const reads = [...graph.nodes.flatMap((node) => node.inputs), ...Object.values(graph.outputs)];
  for (const name of reads) readers.set(name, (readers.get(name) ?? 0) + 1);
  return readers;
}
