import { AtrousError, type Port, type Ports } from '@atrous/tensor';
import { type Graph, inferNode, type Node } from './graph.ts';
import type { Op } from './ops/index.ts';

/** A value while a network is being written. */
export interface Value {
  readonly name: string;
  readonly port: Port;
}

/** Where in a network we write: names nest, and are the keys of the weights. */
export interface Scope {
  readonly path: string;
  /** A scope below this one. */
  child(name: string): Scope;
  /** Adds a node named after the scope, or `path/name`. */
  node(op: Op, inputs: readonly Value[], name?: string): Value;
  /** Gives a value a public name that sessions can be asked for. Returns the value. */
  endpoint(name: string, value: Value): Value;
}

/**
 * Writes a network down.
 * @param define calls layers on the inputs and returns the outputs by name
 */
export function buildGraph(
  inputs: Ports,
  define: (scope: Scope, inputs: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>,
): Graph {
  const nodes: Node[] = [];
  const names = new Set(Object.keys(inputs));
  const endpoints: Record<string, string> = {};

  const scopeAt = (path: string): Scope => ({
    path,
    child: (name) => scopeAt(path ? `${path}/${name}` : name),
    node(op, values, name) {
      const full = [path, name].filter(Boolean).join('/');
      if (names.has(full)) throw new AtrousError('input', `${full}: a value of this name exists already`);
      const node: Node = { name: full, op, inputs: values.map((value) => value.name) };
      const port = inferNode(
        node,
        values.map((value) => value.port),
      );
      names.add(full);
      nodes.push(node);
      return { name: full, port };
    },
    endpoint(name, value) {
      endpoints[name] = value.name;
      return value;
    },
  });

  const values = Object.fromEntries(Object.entries(inputs).map(([name, port]) => [name, { name, port }]));
  const outputs = Object.entries(define(scopeAt(''), values)).map(([name, value]) => [name, value.name]);
  return { inputs, nodes, outputs: Object.fromEntries(outputs), endpoints };
}

/** The input that all our networks take: [N,H,W,channels], float32, already normalised. */
export function imageInput(channels = 3): { image: Port } {
  return { image: { dtype: 'float32', shape: [null, null, null, channels] } };
}
