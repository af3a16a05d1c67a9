import { buildGraph, type EncoderFeatures, type Graph, imageInput } from '@atrous/graph';
import { type LoadedModel, outputStrideOf } from '@atrous/zoo';

/** A feature map that a network hands on. */
export interface Tap {
  /** Its endpoint, e.g. `entry_flow/block2/conv2`; `features` is the deepest one. */
  readonly name: string;
  /** How many pixels of the input one step is. */
  readonly stride: number;
  /** Whether its activation stands: false where the network's next layer would activate it. */
  readonly activated: boolean;
}

/** A tap, and the value of the graph that it is. */
interface PlacedTap extends Tap {
  readonly value: string;
}

/** The taps of a model's encoder, finest first; the last one is the deepest value. */
export function tapsOf({ family, architecture }: LoadedModel): readonly PlacedTap[] {
  const { variant, options } = architecture.encoder;
  const encoder = family.build(variant, options);
  const built: EncoderFeatures[] = [];
  const graph = buildGraph(imageInput(family.variants[variant].channels), (root, { image }) => {
    built.push(encoder.build(root.child('encoder'), image, { outputStride: outputStrideOf(architecture) }));
    return { features: built[0].last };
  });
  const [{ features, last }] = built;
  const taps = features.map(({ name, value, stride, activated }) => {
    return { name, stride, activated, value: value.name };
  });
  const stride = taps.at(-1)?.stride ?? outputStrideOf(architecture);
  return [...taps, { name: 'features', stride, activated: isActivated(graph, last.name), value: last.name }];
}

/** Whether an activation stands last before a value, behind pools and concats that leave its values as they are. */
function isActivated(graph: Graph, value: string): boolean {
  const node = graph.nodes.find(({ name }) => name === value);
  if (node?.op.kind === 'activation') return true;
  const passesOn = node?.op.kind === 'pool' || node?.op.kind === 'concat';
  return passesOn && node.inputs.every((input) => isActivated(graph, input));
}

/** Of the taps of each stride the deepest. */
export function pyramidOf<T extends Tap>(taps: readonly T[]): readonly T[] {
  const byStride = new Map(taps.map((tap) => [tap.stride, tap]));
  return [...byStride.values()].toSorted((a, b) => a.stride - b.stride);
}

/**
 * The same network with the endpoint `embedding` [N,channels]: a classifier has it; of any other encoder it is the mean of
 * the deepest features over the picture.
 */
export function withEmbedding(graph: Graph, features: string): Graph {
  if (Object.hasOwn(graph.endpoints, 'embedding')) return graph;
  const pool = {
    name: 'embedding/pool',
    op: { kind: 'global_average_pool', flatten: true },
    inputs: [features],
  } as const;
  return {
    ...graph,
    nodes: [...graph.nodes, pool],
    endpoints: { ...graph.endpoints, embedding: pool.name },
  };
}
