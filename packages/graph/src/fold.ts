import { tensor } from '@atrous/tensor';
import { countReaders, type Graph, type Node, weightShapes } from './graph.ts';
import { type Model, readWeight, type WeightSource } from './model.ts';
import type { BatchNorm } from './ops/batch_norm.ts';
import { checkValues } from './weight_values.ts';

const foldable = new Set(['conv2d', 'depthwise_conv2d', 'dense']);

interface Fold {
  readonly convolution: string;
  readonly hadBias: boolean;
  readonly norm: string;
  readonly epsilon: number;
}

/**
 * Folds each batch norm into the convolution before it, where nothing else reads that convolution. The weights
 * are folded when they are read, one tensor at a time. Endpoints on a folded convolution's raw value disappear;
 * a batch norm without a convolution before it (pre-activation networks) stays.
 */
export function foldBatchNorm(model: Model): Model {
  const { graph } = model;
  const readers = countReaders(graph);
  const producers = new Map(graph.nodes.map((node) => [node.name, node]));
  const folds = new Map<string, Fold>(); // by the convolution's name
  const renamed = new Map<string, string>(); // batch norm to convolution
  for (const node of graph.nodes) {
    const source = producers.get(node.inputs[0]);
    if (node.op.kind !== 'batch_norm' || !source || !foldable.has(source.op.kind)) continue;
    if (readers.get(source.name) !== 1) continue;
    const hadBias = 'bias' in source.op && source.op.bias;
    folds.set(source.name, { convolution: source.name, hadBias, norm: node.name, epsilon: node.op.epsilon });
    renamed.set(node.name, source.name);
  }
  const rename = (name: string) => renamed.get(name) ?? name;
  const nodes = graph.nodes
    .filter((node) => !renamed.has(node.name))
    .map((node): Node => {
      const inputs = node.inputs.map(rename);
      const op = folds.has(node.name) && 'bias' in node.op ? { ...node.op, bias: true } : node.op;
      return { ...node, op, inputs };
    });
  const follow = (names: Readonly<Record<string, string>>) =>
    Object.entries(names).map(([name, value]) => [name, rename(value)] as const);
  const folded: Graph = {
    inputs: graph.inputs,
    nodes,
    outputs: Object.fromEntries(follow(graph.outputs)),
    endpoints: Object.fromEntries(
      follow(graph.endpoints).filter(([name]) => !folds.has(graph.endpoints[name])),
    ),
  };
  return { graph: folded, weights: foldWeights(model, folded, folds) };
}

function foldWeights(model: Model, folded: Graph, folds: ReadonlyMap<string, Fold>): WeightSource {
  const before = weightShapes(model.graph);
  const after = weightShapes(folded);
  const floats = (name: string) => readWeight(model.weights, name, before.get(name)!);

  const scaleOf = async ({ norm, epsilon }: Fold): Promise<Float64Array> => {
    const [gamma, variance] = await Promise.all([floats(`${norm}/gamma`), floats(`${norm}/variance`)]);
    return Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c] + epsilon));
  };
  const foldKernel = async (fold: Fold): Promise<Float32Array> => {
    const [kernel, scale] = await Promise.all([floats(`${fold.convolution}/kernel`), scaleOf(fold)]);
    // In place, for kernels are large. Output channels are the last axis.
    for (let i = 0; i < kernel.length; i += scale.length) {
      for (let c = 0; c < scale.length; c++) kernel[i + c] *= scale[c];
    }
    return kernel;
  };
  const foldBias = async (fold: Fold): Promise<Float32Array> => {
    const [scale, beta, mean, ownBias] = await Promise.all([
      scaleOf(fold),
      floats(`${fold.norm}/beta`),
      floats(`${fold.norm}/mean`),
      fold.hadBias ? floats(`${fold.convolution}/bias`) : undefined,
    ]);
    const bias = ownBias ?? new Float32Array(beta.length);
    return beta.map((value, c) => value + (bias[c] - mean[c]) * scale[c]);
  };

  return {
    names: [...after.keys()],
    spec: (name) => ({ dtype: 'float32', shape: after.get(name) ?? model.weights.spec(name).shape }),
    async read(name) {
      const shape = after.get(name)!;
      const slash = name.lastIndexOf('/');
      const fold = folds.get(name.slice(0, slash));
      if (!fold) return tensor('float32', shape, await floats(name));
      return tensor('float32', shape, await (name.endsWith('/kernel') ? foldKernel(fold) : foldBias(fold)));
    },
  };
}

/**
 * What a batch norm without a convolution before it comes to: `x·scale + shift`.
 * @throws AtrousError `weights`
 */
export async function batchNormAffine(
  weights: WeightSource,
  name: string,
  op: BatchNorm,
  channels: number,
): Promise<{ scale: Float32Array; shift: Float32Array }> {
  const read = (leaf: string) => readWeight(weights, `${name}/${leaf}`, [channels]);
  const [gamma, beta, mean, variance] = await Promise.all(['gamma', 'beta', 'mean', 'variance'].map(read));
  const scale = gamma.map((value, c) => value / Math.sqrt(variance[c] + op.epsilon));
  const shift = beta.map((value, c) => value - mean[c] * scale[c]);
  checkValues(`${name}/scale`, scale);
  checkValues(`${name}/shift`, shift);
  return { scale, shift };
}
