import { tensor } from '@atrous/tensor';
import { countReaders, type Graph, type Node, weightShapes } from './graph.ts';
import type { Int8Kernel } from './int8.ts';
import { type Model, readInt8, readWeight, type WeightSource, weightsFrom } from './model.ts';
import type { BatchNorm } from './ops/batch_norm.ts';
import { checkValues } from './weight_values.ts';

const foldable = new Set(['conv2d', 'depthwise_conv2d', 'dense']);

/** What a convolution takes in besides its own bias, in order. */
type Stage = { readonly norm: string; readonly epsilon: number } | { readonly factor: number };

interface Fold {
  readonly convolution: string;
  readonly hadBias: boolean;
  readonly stages: readonly Stage[];
}

const stageOf = ({ name, op }: Node): Stage | undefined => {
  if (op.kind === 'batch_norm') return { norm: name, epsilon: op.epsilon };
  return op.kind === 'scale' ? { factor: op.factor } : undefined;
};

/** A model whose kernels may be had in 8 bits, too. */
export interface FoldedModel extends Model {
  readonly weights: WeightSource & {
    /**
     * A kernel that the file holds in 8 bits, its values as they are and what is folded in its scales; undefined where the file holds
     * other numbers.
     */
    readInt8(name: string): Promise<Int8Kernel | undefined>;
  };
}

/**
 * Folds each batch norm and each factor into the convolution before it, where nothing else reads what is between. The
 * weights are folded when they are read, one tensor at a time. Endpoints on a folded convolution's raw value disappear;
 * a batch norm without a convolution before it (pre-activation networks) stays.
 */
export function foldBatchNorm(model: Model): FoldedModel {
  const { graph } = model;
  const readers = countReaders(graph);
  const producers = new Map(graph.nodes.map((node) => [node.name, node]));
  const folds = new Map<string, Fold>(); // by the convolution's name
  const renamed = new Map<string, string>(); // what was folded to its convolution
  const raw = new Set<string>(); // values that are no more
  const rename = (name: string) => renamed.get(name) ?? name;
  for (const node of graph.nodes) {
    const stage = stageOf(node);
    const [before] = node.inputs;
    const source = producers.get(rename(before));
    if (!stage || !source || !foldable.has(source.op.kind) || readers.get(before) !== 1) continue;
    const hadBias = 'bias' in source.op && source.op.bias;
    const stages = [...(folds.get(source.name)?.stages ?? []), stage];
    folds.set(source.name, { convolution: source.name, hadBias, stages });
    renamed.set(node.name, source.name);
    raw.add(before);
  }
  const nodes = graph.nodes
    .filter((node) => !renamed.has(node.name))
    .map((node): Node => {
      const inputs = node.inputs.map(rename);
      const shifts = folds.get(node.name)?.stages.some((stage) => 'norm' in stage);
      const op = shifts && 'bias' in node.op ? { ...node.op, bias: true } : node.op;
      return { ...node, op, inputs };
    });
  const follow = (names: Readonly<Record<string, string>>) =>
    Object.entries(names).map(([name, value]) => [name, rename(value)] as const);
  const folded: Graph = {
    inputs: graph.inputs,
    nodes,
    outputs: Object.fromEntries(follow(graph.outputs)),
    endpoints: Object.fromEntries(
      follow(graph.endpoints).filter(([name]) => !raw.has(graph.endpoints[name])),
    ),
  };
  return { graph: folded, weights: foldWeights(model, folded, folds) };
}

/** The network as `foldBatchNorm` leaves it. */
export const foldedGraph = (graph: Graph): Graph => foldBatchNorm({ graph, weights: weightsFrom({}) }).graph;

function foldWeights(model: Model, folded: Graph, folds: ReadonlyMap<string, Fold>): FoldedModel['weights'] {
  const before = weightShapes(model.graph);
  const after = weightShapes(folded);
  const floats = (name: string) => readWeight(model.weights, name, before.get(name)!);

  /** What a stage multiplies each channel by. */
  const gainOf = async (stage: Stage, channels: number): Promise<Float64Array> => {
    if ('factor' in stage) return new Float64Array(channels).fill(stage.factor);
    const [gamma, variance] = await Promise.all([
      floats(`${stage.norm}/gamma`),
      floats(`${stage.norm}/variance`),
    ]);
    return Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c] + stage.epsilon));
  };
  /** What all stages multiply each channel by. */
  const gainsOf = async ({ stages }: Fold, channels: number): Promise<Float64Array> => {
    const gains = await Promise.all(stages.map((stage) => gainOf(stage, channels)));
    return gains[0].map((first, c) => gains.slice(1).reduce((product, next) => product * next[c], first));
  };
  const foldKernel = async (fold: Fold, channels: number): Promise<Float32Array> => {
    const [kernel, gain] = await Promise.all([floats(`${fold.convolution}/kernel`), gainsOf(fold, channels)]);
    // In place, for kernels are large. Output channels are the last axis.
    for (let i = 0; i < kernel.length; i += channels) {
      for (let c = 0; c < channels; c++) kernel[i + c] *= gain[c];
    }
    return kernel;
  };
  const foldBias = async (
    { convolution, hadBias, stages }: Fold,
    channels: number,
  ): Promise<Float32Array> => {
    let bias = Float64Array.from(hadBias ? await floats(`${convolution}/bias`) : new Float32Array(channels));
    for (const stage of stages) {
      const gain = await gainOf(stage, channels);
      if ('factor' in stage) bias = bias.map((value, c) => value * gain[c]);
      else {
        const [beta, mean] = await Promise.all([floats(`${stage.norm}/beta`), floats(`${stage.norm}/mean`)]);
        bias = bias.map((value, c) => beta[c] + (value - mean[c]) * gain[c]);
      }
    }
    return Float32Array.from(bias);
  };

  return {
    names: [...after.keys()],
    spec: (name) => ({ dtype: 'float32', shape: after.get(name) ?? model.weights.spec(name).shape }),
    async readInt8(name) {
      const shape = after.get(name)!;
      const kernel = await readInt8(model.weights, name, shape);
      const fold = folds.get(name.slice(0, name.lastIndexOf('/')));
      if (!kernel || !fold) return kernel;
      const gain = await gainsOf(fold, shape[shape.length - 1]);
      return { values: kernel.values, scales: kernel.scales.map((scale, c) => scale * gain[c]) };
    },
    async read(name) {
      const shape = after.get(name)!;
      const slash = name.lastIndexOf('/');
      const convolution = name.slice(0, slash);
      const fold = folds.get(convolution);
      if (!fold) return tensor('float32', shape, await floats(name));
      const channels = shape[shape.length - 1];
      const isKernel = name.endsWith('/kernel');
      return tensor(
        'float32',
        shape,
        await (isKernel ? foldKernel(fold, channels) : foldBias(fold, channels)),
      );
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
