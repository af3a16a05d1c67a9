import { AtrousError, describeSpec, fits, type TensorSpec } from '@atrous/tensor';
import { type Graph, inferNode, inputsOf, type Node } from './graph.ts';
import { adaptiveParts } from './ops/adaptive_average_pool.ts';
import type { Op } from './ops/index.ts';
import { resolvePadding } from './ops/window.ts';

/** A graph whose every shape is known, and whose padding and pooled sizes are numbers. */
export interface BoundGraph extends Graph {
  /** Dtype and shape of every value. */
  readonly specs: ReadonlyMap<string, TensorSpec>;
}

function bindOp(op: Op, input: TensorSpec): Op {
  if (op.kind === 'adaptive_average_pool') {
    const [, height, width] = input.shape;
    const [down, across] = [adaptiveParts(op, op.height, height), adaptiveParts(op, op.width, width)];
    return { kind: op.kind, height: down, width: across };
  }
  if (!('padding' in op)) return op;
  const dilation = 'dilation' in op ? op.dilation : ([1, 1] as const);
  return { ...op, padding: resolvePadding({ ...op, dilation }, input.shape[1], input.shape[2]) };
}

/**
 * Fixes the sizes of a graph's inputs: every shape follows, `same` padding becomes four numbers, `atLeast` a size.
 * @param shapes the shape of each input, e.g. `{ image: [1, 513, 513, 3] }`
 * @throws AtrousError `shape` naming the input or node that does not fit.
 */
export function bind(graph: Graph, shapes: Readonly<Record<string, readonly number[]>>): BoundGraph {
  const specs = new Map<string, TensorSpec>();
  for (const [name, port] of Object.entries(graph.inputs)) {
    const shape = shapes[name];
    if (!shape) throw new AtrousError('shape', `bind: the shape of input "${name}" is missing`);
    const spec: TensorSpec = { dtype: port.dtype, shape };
    if (!fits(spec, port) || shape.some((extent) => !Number.isInteger(extent) || extent < 1)) {
      throw new AtrousError(
        'shape',
        `input "${name}": expected ${describeSpec(port)}, got ${describeSpec(spec)}`,
      );
    }
    specs.set(name, spec);
  }
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const inputs = inputsOf(node, specs);
    specs.set(node.name, inferNode(node, inputs) as TensorSpec);
    nodes.push({ ...node, op: bindOp(node.op, inputs[0]) });
  }
  return { ...graph, nodes, specs };
}
