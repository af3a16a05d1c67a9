import { floatsOf, sizeOf, type Tensor, tensor } from '@atrous/tensor';
import { type Graph, weightShapes } from './graph.ts';
import { type Model, weightsFrom } from './model.ts';

/** Numbers that repeat nowhere and stay in [−1, 1]. */
export function waves(shape: readonly number[], phase = 0): Tensor<'float32'> {
  return tensor(
    'float32',
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(phase + 1.7 * i + 0.01 * i * i)),
  );
}

/** A graph with made-up weights, for tests. Variances are positive. */
export function testModel(graph: Graph): Model {
  const tensors = [...weightShapes(graph)].map(([name, shape], i) => {
    const { data } = waves(shape, i);
    return [name, tensor('float32', shape, name.endsWith('/variance') ? data.map((x) => 1.5 + x) : data)];
  });
  return { graph, weights: weightsFrom(Object.fromEntries(tensors)) };
}

/** The largest difference between two tensors. */
export function difference(a: Tensor, b: Tensor): number {
  if (a.shape.join() !== b.shape.join()) return Number.POSITIVE_INFINITY;
  const [x, y] = [floatsOf(a), floatsOf(b)];
  return x.reduce((worst, value, i) => Math.max(worst, Math.abs(value - y[i])), 0);
}
