import { countReaders, type Graph, type Node } from './graph.ts';
import type { ActivationFunction } from './ops/activation.ts';
import type { OpKind } from './ops/index.ts';

/** What a kernel may end in; other activations are steps of their own. */
export type EpilogueActivation = 'none' | Exclude<ActivationFunction, 'elu'>;

/** A node, and the operators fused into the kernel that computes it. */
export interface Fused {
  readonly node: Node;
  /** The first value that its kernel reads; the node's other inputs are read as they are. */
  readonly input: string;
  /** A ReLU on what is read: depthwise convolutions alone. */
  readonly rectify: boolean;
  /** Computed band by band, right before the pointwise convolution reads it. */
  readonly depthwise?: Fused;
  /** Computed row by row, right before the depthwise convolution reads it. */
  readonly pointwise?: Fused;
  /** Added before the activation: convolutions and dense layers alone. */
  readonly residual?: string;
  readonly activation: EpilogueActivation;
  readonly output: string;
}

const epilogueActivation = (node: Node): EpilogueActivation | undefined =>
  node.op.kind === 'activation' && node.op.function !== 'elu' ? node.op.function : undefined;

/** Operators whose kernels end in an activation. */
const hasEpilogue = new Set<OpKind>([
  'conv2d',
  'depthwise_conv2d',
  'dense',
  'add',
  'multiply',
  'batch_norm',
  'scale',
]);

/** Whether each output pixel is made of the input pixel at its place; `same` pads such a window by nothing. */
export const isPointwise = ({ op }: Node): boolean =>
  op.kind === 'conv2d' &&
  [...op.kernel, ...op.stride].every((extent) => extent === 1) &&
  (op.padding === 'same' || op.padding.every((side) => side === 0));

/** Which convolutions an engine computes together. */
export interface Joins {
  /** A depthwise one and the pointwise one after it. */
  readonly depthwiseFirst: boolean;
  /** A pointwise one and the depthwise one after it, which no other takes in. */
  pointwiseFirst(pointwise: Node, depthwise: Node): boolean;
}

/**
 * Puts nodes together that one kernel computes: depthwise with the pointwise convolution after it or before it, as the engine
 * `joins` them; bias, residual and activation with what they follow; a ReLU with the depthwise convolution
 * that reads it. A value that somebody else reads, or that was asked for, stays. Nothing depends on sizes but what `joins` says.
 */
export function fuse(graph: Graph, joins: Joins): Fused[] {
  const readers = countReaders(graph);
  const readersOf = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) readersOf.set(input, [...(readersOf.get(input) ?? []), node]);
  }
  /** The one node that reads a value which nobody else needs. */
  const onlyReader = (value: string): Node | undefined =>
    readers.get(value) === 1 ? readersOf.get(value)?.[0] : undefined;
  const producers = new Map(graph.nodes.map((node) => [node.name, node]));
  const taken = new Set<string>();
  const made = new Set(Object.keys(graph.inputs));

  /** Follows a value through what an epilogue can do. */
  const follow = (value: string, mayAdd: boolean) => {
    let output = value;
    let residual: string | undefined;
    let activation: EpilogueActivation = 'none';
    for (let next = onlyReader(output); next && activation === 'none'; next = onlyReader(output)) {
      const found = epilogueActivation(next);
      if (found) activation = found;
      else if (mayAdd && next.op.kind === 'add' && residual === undefined) {
        const other = next.inputs[0] === output ? next.inputs[1] : next.inputs[0];
        if (other === output || !made.has(other)) break;
        residual = other;
      } else break;
      taken.add(next.name);
      output = next.name;
    }
    return { output, residual, activation };
  };

  /** A ReLU that only this depthwise convolution reads, and that is not the end of another step. */
  const reluBefore = (node: Node): { input: string; rectify: boolean } => {
    const [input] = node.inputs;
    const producer = producers.get(input);
    const isOurs = producer && deferred.has(producer.name) && !taken.has(producer.name);
    return isOurs ? { input: producer.inputs[0], rectify: true } : { input, rectify: false };
  };
  const deferred = new Set(
    graph.nodes
      .filter(
        (node) =>
          epilogueActivation(node) === 'relu' && onlyReader(node.name)?.op.kind === 'depthwise_conv2d',
      )
      .map(({ name }) => name),
  );

  /** The depthwise convolution that is the only one to read a value, and that no pointwise one after it takes in. */
  const lastDepthwise = (value: string): Node | undefined => {
    const reader = onlyReader(value);
    if (reader?.op.kind !== 'depthwise_conv2d') return undefined;
    let after = onlyReader(reader.name);
    if (after && epilogueActivation(after)) after = onlyReader(after.name);
    return joins.depthwiseFirst && after && isPointwise(after) ? undefined : reader;
  };

  const fused: Fused[] = [];
  const waiting = new Map<string, Fused>();
  for (const node of graph.nodes) {
    const { kind } = node.op;
    if (taken.has(node.name) || (kind === 'activation' && deferred.has(node.name))) continue;
    const isProduct = kind === 'conv2d' || kind === 'dense';
    const end = hasEpilogue.has(kind)
      ? follow(node.name, isProduct)
      : { output: node.name, residual: undefined, activation: 'none' as const };
    made.add(end.output);
    if (kind === 'depthwise_conv2d') {
      const pointwise = waiting.get(node.inputs[0]);
      const before = pointwise ? { input: pointwise.input, rectify: false, pointwise } : reluBefore(node);
      const depthwise: Fused = { node, ...before, ...end };
      const reader = onlyReader(end.output);
      if (joins.depthwiseFirst && reader && isPointwise(reader)) waiting.set(end.output, depthwise);
      else fused.push(depthwise);
    } else {
      const depthwise = isProduct ? waiting.get(node.inputs[0]) : undefined;
      const input = depthwise?.input ?? node.inputs[0];
      const one: Fused = { node, input, rectify: false, ...(depthwise && { depthwise }), ...end };
      const isAlone = isPointwise(node) && !depthwise && end.residual === undefined;
      const reader = isAlone ? lastDepthwise(end.output) : undefined;
      if (reader && joins.pointwiseFirst(node, reader)) waiting.set(end.output, one);
      else fused.push(one);
    }
  }
  return fused;
}
