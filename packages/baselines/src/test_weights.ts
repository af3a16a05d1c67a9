import type { EncoderFamily, Graph, LayoutName, WeightSource } from '@atrous/graph';
import { weightShapes } from '@atrous/graph';
import { AtrousError, type Axes, permuteAxes, reshapeAxes, tensor } from '@atrous/tensor';

/** What tests need of a checkpoint's layout; the zoo has the whole of it. */
interface Layout {
  readonly separator: string;
  readonly leaves: Readonly<Record<string, string>>;
  readonly axes: Readonly<Record<string, Axes>>;
}

const own: Layout['axes'] = { conv2d: 'HWIO', depthwise_conv2d: 'HWC', dense: 'IO' };

const pytorch: Layout = {
  separator: '.',
  leaves: {
    kernel: 'weight',
    bias: 'bias',
    gamma: 'weight',
    beta: 'bias',
    mean: 'running_mean',
    variance: 'running_var',
  },
  axes: { conv2d: 'OIHW', depthwise_conv2d: 'C1HW', dense: 'OI' },
};
const keras: Layout = {
  separator: '/',
  leaves: {
    kernel: 'kernel',
    bias: 'bias',
    gamma: 'gamma',
    beta: 'beta',
    mean: 'moving_mean',
    variance: 'moving_variance',
  },
  axes: { conv2d: 'HWIO', depthwise_conv2d: 'HWC1', dense: 'IO' },
};
const layouts: Partial<Record<LayoutName, Layout>> = { pytorch, keras };

/** The blocks' names with their index in the network. */
function indexed(family: EncoderFamily, layers: readonly string[]): (layer: string) => string {
  const blockIn = (layer: string) =>
    layer.startsWith('encoder/') ? family.blockOf(layer.slice(8)) : undefined;
  const order = [...new Set(layers.flatMap((layer) => blockIn(layer) ?? []))];
  return (layer) => {
    const block = blockIn(layer);
    return block === undefined ? layer : layer.replace(block, `${block}@${order.indexOf(block)}`);
  };
}

/** An original's weights under our names and in our axes. @throws AtrousError `weights` that names what is missing */
export function originalWeights(
  graph: Graph,
  original: WeightSource,
  from: { family: EncoderFamily; variant: string; naming: string; prefix?: string },
): WeightSource {
  const naming = from.family.namings[from.naming];
  const { separator, leaves, axes } = layouts[naming.layout]!;
  const rules = naming.rules(from.variant);
  const kinds = new Map(graph.nodes.map((node) => [node.name, node.op.kind]));
  const shapes = weightShapes(graph);
  const layerOf = (key: string) => key.slice(0, key.lastIndexOf('/'));
  const withIndex = indexed(from.family, [...shapes.keys()].map(layerOf));
  const present = new Set(original.names);

  const theirName = (key: string): string => {
    const layer = withIndex(layerOf(key));
    const leaf = key.slice(key.lastIndexOf('/') + 1);
    const rule = rules.find(([pattern]) => pattern.test(layer));
    if (!rule) throw new AtrousError('weights', `${layer}: no rule of ${from.naming} has a name for it`);
    const [pattern, theirs] = rule;
    const groups = pattern.exec(layer)!.slice(1);
    const names = typeof theirs === 'string' ? layer.replace(pattern, theirs) : theirs(...groups);
    const prefix = layer.startsWith('encoder/') ? (from.prefix ?? '') : '';
    const candidates = names.split('|').map((name) => `${prefix}${name}${separator}${leaves[leaf]}`);
    const found = candidates.find((name) => present.has(name));
    if (found === undefined) throw new AtrousError('weights', `${candidates.join(' or ')} is missing`);
    return found;
  };
  const found = new Map([...shapes.keys()].map((key) => [key, theirName(key)]));

  return {
    names: [...found.keys()],
    spec: (key) => ({ dtype: 'float32', shape: shapes.get(key)! }),
    async read(key) {
      const raw = await original.read(found.get(key)!);
      const kind = kinds.get(layerOf(key))!;
      if (!key.endsWith('/kernel') || !(kind in axes)) return raw;
      // flattened dense layers are convolutions with their axes merged
      const shape = reshapeAxes(shapes.get(key)!, own[kind], axes[kind]);
      return permuteAxes(
        tensor('float32', shape, raw.data as Float32Array<ArrayBuffer>),
        axes[kind],
        own[kind],
      );
    },
  };
}
