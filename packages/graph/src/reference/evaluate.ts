import {
  checkFeeds,
  floatsToHalves,
  halvesToFloats,
  type RunOptions,
  type Session,
  type Tensor,
  type Tensors,
  tensor,
} from '@atrous/tensor';
import { bind } from '../bind.ts';
import { foldBatchNorm } from '../fold.ts';
import { countReaders, inferGraph, inputsOf } from '../graph.ts';
import { type Compute, computes, int8Kernel, int8Products } from '../int8.ts';
import { type Model, readWeight } from '../model.ts';
import { dispatch, ruleOf } from '../ops/index.ts';
import type { Runtime } from '../runtime.ts';
import { selectOutputs } from '../select.ts';
import { int8Conv2d, int8Dense } from './int8_products.ts';
import { kernels } from './kernels.ts';

export interface EvaluateOptions extends RunOptions {
  /** Any named value. @default the network's own outputs */
  readonly outputs?: readonly string[];
  /** In `float16` and `int8`, batch norms are folded first, as engines fold them. @default 'float32' */
  readonly compute?: Compute;
}

/**
 * Runs a network slowly and obviously: the oracle. Weights are read when their node is reached, values are let go
 * after their last reader.
 */
export async function evaluate(
  model: Model,
  feeds: Tensors,
  options: EvaluateOptions = {},
): Promise<Record<string, Tensor>> {
  const selected = { graph: selectOutputs(model.graph, options.outputs), weights: model.weights };
  const { compute = 'float32' } = options;
  const folded = compute === 'float32' ? undefined : foldBatchNorm(selected);
  const { graph, weights: source } = folded ?? selected;
  const int8 = compute === 'int8' ? int8Products(graph) : new Set<string>();
  checkFeeds(graph.inputs, feeds);
  const bound = bind(
    graph,
    Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, feed.shape])),
  );
  const readers = new Map(countReaders(graph));
  const values = new Map<string, Tensor>(Object.entries(feeds));

  for (const node of bound.nodes) {
    options.signal?.throwIfAborted();
    const inputs = inputsOf(node, values);
    const weights: Record<string, Float32Array> = {};
    for (const [leaf, shape] of Object.entries(ruleOf(node.op).weights(node.op, inputs))) {
      weights[leaf] = await readWeight(source, `${node.name}/${leaf}`, shape);
    }
    const spec = bound.specs.get(node.name)!;
    const output = tensor(spec.dtype, spec.shape);
    if (folded && int8.has(node.name) && (node.op.kind === 'conv2d' || node.op.kind === 'dense')) {
      const held = await folded.weights.readInt8(`${node.name}/kernel`);
      const kernel = held ?? int8Kernel(weights.kernel, spec.shape.at(-1)!);
      const given = { inputs, kernel, bias: weights.bias, output };
      if (node.op.kind === 'conv2d') int8Conv2d(node.op, given);
      else int8Dense(node.op, given);
    } else {
      const isHalf = compute === 'float16' && (node.op.kind === 'conv2d' || node.op.kind === 'dense');
      if (isHalf) weights.kernel = halvesToFloats(floatsToHalves(weights.kernel));
      dispatch(kernels, node.op, { inputs, weights, output });
    }
    values.set(node.name, output);
    for (const input of node.inputs) {
      const left = readers.get(input)! - 1;
      readers.set(input, left);
      if (left === 0) values.delete(input);
    }
  }
  return Object.fromEntries(
    Object.entries(graph.outputs).map(([name, value]) => {
      const { dtype, shape, data } = values.get(value)!;
      return [name, tensor(dtype, shape, data.slice())];
    }),
  );
}

/** The reference as a runtime: always there, right and slow. */
export const referenceRuntime: Runtime = {
  name: 'reference',
  computes,
  available: async () => true,
  async load(model, options): Promise<Session> {
    const graph = selectOutputs(model.graph, options?.outputs);
    const ports = inferGraph(graph);
    const portOf = ([name, value]: [string, string]) => [name, ports.get(value)!] as const;
    return {
      inputs: graph.inputs,
      outputs: Object.fromEntries(Object.entries(graph.outputs).map(portOf)),
      run: (feeds, runOptions) =>
        evaluate({ graph, weights: model.weights }, feeds, { ...runOptions, compute: options?.compute }),
      dispose: async () => {},
    };
  },
};
