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
const tensorflow: Layout = {
  ...keras,
  leaves: { ...keras.leaves, kernel: 'weights', bias: 'biases' },
};
const layouts: Partial<Record<LayoutName, Layout>> = { pytorch, keras, tensorflow };
const layoutOf = (name: LayoutName): Layout => layouts[name]!;

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

interface From {
  readonly family: EncoderFamily;
  readonly variant: string;
  readonly naming: string;
  /** Of the encoder's names. */
  readonly prefix?: string;
}

const layerOf = (key: string) => key.slice(0, key.lastIndexOf('/'));
const leafOf = (key: string) => key.slice(key.lastIndexOf('/') + 1);

/** What an original calls each of a graph's weights; several names where it has alternatives, none where no rule has one. */
export function namesOf(graph: Graph, from: From): ReadonlyMap<string, readonly string[]> {
  const naming = from.family.namings[from.naming];
  const { separator, leaves } = layoutOf(naming.layout);
  const rules = naming.rules(from.variant);
  const keys = [...weightShapes(graph).keys()];
  const withIndex = indexed(from.family, keys.map(layerOf));
  return new Map(
    keys.map((key) => {
      const layer = withIndex(layerOf(key));
      const rule = rules.find(([pattern]) => pattern.test(layer));
      if (!rule) return [key, []];
      const [pattern, theirs] = rule;
      const groups = pattern.exec(layer)!.slice(1);
      const names = typeof theirs === 'string' ? layer.replace(pattern, theirs) : theirs(...groups);
      const prefix = layer.startsWith('encoder/') ? (from.prefix ?? '') : '';
      return [key, names.split('|').map((name) => prefix + name + separator + leaves[leafOf(key)])];
    }),
  );
}

/** An original's weights under our names and in our axes. @throws AtrousError `weights` that names what is missing */
export function originalWeights(graph: Graph, original: WeightSource, from: From): WeightSource {
  const { axes } = layoutOf(from.family.namings[from.naming].layout);
  const kinds = new Map(graph.nodes.map((node) => [node.name, node.op.kind]));
  const shapes = weightShapes(graph);
  const present = new Set(original.names);
  const found = new Map(
    [...namesOf(graph, from)].map(([key, names]) => {
      const name = names.find((candidate) => present.has(candidate));
      if (name === undefined) {
        throw new AtrousError('weights', `${key}: ${names.join(' or ') || 'its name'} is missing`);
      }
      return [key, name];
    }),
  );

  return {
    names: [...found.keys()],
    spec: (key) => ({ dtype: 'float32', shape: shapes.get(key)! }),
    async read(key) {
      const raw = await original.read(found.get(key)!);
      const kind = kinds.get(layerOf(key))!;
      if (leafOf(key) !== 'kernel' || !(kind in axes)) return raw;
      // flattened dense layers are convolutions with their axes merged
      const shape = reshapeAxes(shapes.get(key)!, own[kind], axes[kind]);
      const kernel = tensor('float32', shape, raw.data as Float32Array<ArrayBuffer>);
      return permuteAxes(kernel, axes[kind], own[kind]);
    },
  };
}
