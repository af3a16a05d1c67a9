import { bind } from './bind.ts';
import { type Graph, inputsOf, type Node } from './graph.ts';
import { adaptiveWindow } from './ops/adaptive_average_pool.ts';
import { type Pair, reach } from './ops/window.ts';

/** What a value sees of the network's input. */
interface View {
  /** Pixels of the input that one element depends on; Infinity after a global pool. */
  readonly field: Pair;
  /** Pixels of the input between two neighbours. */
  readonly jump: Pair;
}

/**
 * The receptive field of every value in pixels of the input, along both axes: how far apart two input pixels can be that
 * reach the same element (Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks").
 * Theoretical: padding is not subtracted, so it may exceed the picture; Infinity where a global pool sees everything.
 * @param shapes e.g. `{ image: [1, 513, 513, 3] }`; resizes depend on it
 * @param strides of inputs that are features: pixels between two neighbours. @default 1
 */
export function receptiveFields(
  graph: Graph,
  shapes: Readonly<Record<string, readonly number[]>>,
  strides: Readonly<Record<string, number>> = {},
): ReadonlyMap<string, Pair> {
  const { nodes, specs } = bind(graph, shapes);
  const views = new Map<string, View>(
    Object.keys(graph.inputs).map((name) => [name, { field: [1, 1], jump: both(() => strides[name] ?? 1) }]),
  );
  for (const node of nodes) {
    // of what a resize is to be like, only the size is read
    const inputs = inputsOf(node, views).slice(0, node.op.kind === 'resize_bilinear' ? 1 : undefined);
    const from = specs.get(node.inputs[0])!.shape;
    const to = specs.get(node.name)!.shape;
    views.set(node.name, viewOf(node, widest(inputs), from, to));
  }
  return new Map([...views].map(([name, { field }]) => [name, field]));
}

const both = (axis: (i: 0 | 1) => number): Pair => [axis(0), axis(1)];

/** Where branches meet, each axis sees what the branch that sees most does. */
const widest = (views: readonly View[]): View => ({
  field: both((i) => Math.max(...views.map(({ field }) => field[i]))),
  jump: both((i) => Math.max(...views.map(({ jump }) => jump[i]))),
});

function viewOf({ op }: Node, { field, jump }: View, from: readonly number[], to: readonly number[]): View {
  if (op.kind === 'global_average_pool') return { field: [Infinity, Infinity], jump };
  if (op.kind === 'adaptive_average_pool') {
    const longest = (i: 0 | 1) => {
      const [extent, parts] = [from[i + 1], to[i + 1]];
      const lengths = Array.from({ length: parts }, (_, part) => {
        const [begin, end] = adaptiveWindow(part, extent, parts);
        return end - begin;
      });
      return Math.max(...lengths);
    };
    return {
      field: both((i) => field[i] + (longest(i) - 1) * jump[i]),
      jump: both((i) => (jump[i] * from[i + 1]) / to[i + 1]),
    };
  }
  if (op.kind === 'resize_bilinear') {
    // two taps per axis, where the size changes at all
    return {
      field: both((i) => field[i] + (from[i + 1] === to[i + 1] ? 0 : jump[i])),
      jump: both((i) => (jump[i] * from[i + 1]) / to[i + 1]),
    };
  }
  if (!('kernel' in op && 'stride' in op)) return { field, jump };
  const dilation = 'dilation' in op ? op.dilation : ([1, 1] as const);
  return {
    field: both((i) => field[i] + (reach(op.kernel[i], dilation[i]) - 1) * jump[i]),
    jump: both((i) => jump[i] * op.stride[i]),
  };
}
