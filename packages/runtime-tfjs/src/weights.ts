import { type Graph, type Model, readWeight, weightShapes } from '@atrous/graph';
import { batchNormAffine } from '@atrous/graph/lowering';
import { sizeOf } from '@atrous/tensor';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from './tf.ts';

/** Depthwise kernels are [kh,kw,C] with us and [kh,kw,C,1] with them. */
export function theirShapes(graph: Graph): Map<string, number[]> {
  const depthwise = new Set(
    graph.nodes.flatMap(({ name, op }) => (op.kind === 'depthwise_conv2d' ? [`${name}/kernel`] : [])),
  );
  return new Map(
    [...weightShapes(graph)].map(([name, shape]) => [name, depthwise.has(name) ? [...shape, 1] : [...shape]]),
  );
}

/** A model's weights as tensors of the backend that is set; a batch norm as its scale and shift. The caller disposes. */
export async function uploadWeights(
  tf: Tf,
  { graph, weights }: Model,
  signal?: AbortSignal,
): Promise<Map<string, Tensor>> {
  const tensors = new Map<string, Tensor>();
  const keep = (name: string, data: Float32Array, shape: number[]) =>
    tensors.set(name, tf.tensor(data, shape, 'float32'));
  const shapes = weightShapes(graph);
  const theirs = theirShapes(graph);
  try {
    for (const { name, op } of graph.nodes) {
      if (op.kind !== 'batch_norm') continue;
      const channels = sizeOf(shapes.get(`${name}/gamma`)!);
      const { scale, shift } = await batchNormAffine(weights, name, op, channels);
      keep(`${name}/scale`, scale, [channels]);
      keep(`${name}/shift`, shift, [channels]);
    }
    const norms = new Set(graph.nodes.flatMap(({ name, op }) => (op.kind === 'batch_norm' ? [name] : [])));
    for (const [name, shape] of shapes) {
      signal?.throwIfAborted();
      if (norms.has(name.slice(0, name.lastIndexOf('/')))) continue;
      keep(name, await readWeight(weights, name, shape), theirs.get(name)!);
    }
    return tensors;
  } catch (error) {
    for (const tensor of tensors.values()) tensor.dispose();
    throw error;
  }
}
