import { bind, type Graph, type Node, partOf, selectOutputs } from '@atrous/graph';

/**
 * A network with image pooling (ASPP's), cut where its features are pooled and where the branches beside the pool have come together. Each part looks no further than its
 * receptive field, whatever was pooled: so all can be seen by windows, with the mean over the whole picture as a value between them.
 */
export interface PooledParts {
  /** From `image` to the features that are pooled. */
  readonly encoder: Graph;
  /** From these and their mean to the context. */
  readonly context: Graph;
  /** From the context, and `image` where its low-level features are read again, to the logits; undefined where the context is the logits. */
  readonly decoder?: Graph;
  /** What the values between the parts are called. */
  readonly names: { readonly features: string; readonly mean: string; readonly context: string };
  /** Pixels of the image between two neighbours of features and of context. */
  readonly stride: number;
}

/** Every stride that the networks have divides it. */
const side = 256;

const isPooled = ({ op }: Node) => op.kind === 'global_average_pool' || op.kind === 'adaptive_average_pool';

/** Undefined where a network has no image pooling, several of it (squeeze-and-excitation), or cannot be cut behind it. */
export function dividePooled(whole: Graph): PooledParts | undefined {
  const graph = selectOutputs(whole, ['logits']);
  const { logits } = graph.outputs;
  const pools = graph.nodes.filter(isPooled);
  if (pools.length !== 1 || pools[0].op.kind !== 'global_average_pool') return undefined;
  const [{ name: mean, inputs }] = pools;
  const [features] = inputs;
  const { specs } = bind(graph, { image: [1, side, side, channelsOf(graph)] });
  const sizeOf = (value: string) => specs.get(value)!.shape.slice(1, 3).join();
  const decoderFrom = (value: string) => (value === logits ? undefined : partOf(graph, [value], ['logits']));
  const has = (part: Graph | undefined, value: string) =>
    part?.nodes.some(({ name }) => name === value) ?? false;
  /** The last value of the features' size that the pool reaches, and behind which nobody asks for features. */
  const context = graph.nodes.findLast(({ name }) => {
    if (sizeOf(name) !== sizeOf(features)) return false;
    return !has(decoderFrom(name), features) && has(selectOutputs(graph, [name]), mean);
  })?.name;
  if (context === undefined || features in graph.inputs) return undefined;
  const between = partOf(graph, [features, mean], [context]);
  if ('image' in between.inputs) return undefined;
  return {
    encoder: selectOutputs(graph, [features]),
    context: between,
    decoder: decoderFrom(context),
    names: { features, mean, context },
    stride: side / specs.get(features)!.shape[1],
  };
}

/** Height, width and channels of the features of an image. */
export function featuresShape(
  { encoder, names }: PooledParts,
  height: number,
  width: number,
): readonly number[] {
  return shapeIn(encoder, names.features, { image: [1, height, width, channelsOf(encoder)] });
}

/** The shapes of a part's inputs for an image of a size. */
export function inputShapes(
  parts: PooledParts,
  part: Graph,
  height: number,
  width: number,
): Readonly<Record<string, readonly number[]>> {
  const [rows, columns] = featuresShape(parts, height, width);
  const extents = { image: [1, height, width], [parts.names.mean]: [1, 1, 1] };
  const shapes = Object.entries(part.inputs).map(([name, { shape }]) => {
    const given = extents[name] ?? [1, rows, columns];
    return [name, shape.map((extent, axis) => extent ?? given[axis])] as const;
  });
  return Object.fromEntries(shapes);
}

/** Height, width and channels of what a part makes of an image of a size. */
export function outputShape(
  parts: PooledParts,
  part: Graph,
  height: number,
  width: number,
): readonly number[] {
  const [value] = Object.values(part.outputs);
  return shapeIn(part, value, inputShapes(parts, part, height, width));
}

const channelsOf = ({ inputs }: Graph): number => inputs.image.shape[3] ?? 3;

const shapeIn = (graph: Graph, value: string, shapes: Readonly<Record<string, readonly number[]>>) =>
  bind(graph, shapes).specs.get(value)!.shape.slice(1);
