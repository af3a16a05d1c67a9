import { bytesPerElement, sizeOf } from '@atrous/tensor';
import { bind } from './bind.ts';
import type { Graph } from './graph.ts';
import type { OpKind } from './ops/index.ts';

/** Operators that can write their result over their first input, where nobody reads that later. */
const inPlace: ReadonlySet<OpKind> = new Set(['batch_norm', 'activation', 'scale', 'add', 'multiply']);

/**
 * The most bytes of values that are alive at once when the nodes are computed in their order: what a runtime with perfect reuse
 * holds besides weights and scratch. Elementwise operators write over an input that nobody reads later.
 * @param shapes e.g. `{ image: [1, 299, 299, 3] }`
 */
export function peakActivationBytes(
  graph: Graph,
  shapes: Readonly<Record<string, readonly number[]>>,
): number {
  const { nodes, specs, outputs } = bind(graph, shapes);
  const lastRead = new Map(nodes.flatMap(({ inputs }, i) => inputs.map((name) => [name, i] as const)));
  for (const name of Object.values(outputs)) lastRead.set(name, nodes.length);
  const bytesOf = (name: string): number => {
    const { dtype, shape } = specs.get(name)!;
    return sizeOf(shape) * bytesPerElement(dtype);
  };

  let alive = Object.keys(graph.inputs).reduce((sum, name) => sum + bytesOf(name), 0);
  let peak = alive;
  nodes.forEach(({ name, op, inputs }, i) => {
    const done = [...new Set(inputs)].filter((input) => lastRead.get(input) === i);
    const [first] = inputs;
    const isWrittenOver = inPlace.has(op.kind) && done.includes(first) && bytesOf(first) === bytesOf(name);
    alive += bytesOf(name);
    peak = Math.max(peak, isWrittenOver ? alive - bytesOf(first) : alive);
    for (const input of done) alive -= bytesOf(input);
    if (!lastRead.has(name)) alive -= bytesOf(name);
  });
  return peak;
}
