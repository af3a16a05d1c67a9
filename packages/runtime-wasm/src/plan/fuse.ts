import { type BoundGraph, countReaders, type Node, type OpOf } from '@atrous/graph';
import type { EpilogueActivation } from '../kernels.ts';

/** A multiply: an ordinary or pointwise convolution or a dense layer, with what is computed in the same breath. */
export interface FusedConvolution {
  readonly kind: 'convolution';
  readonly node: Node & { op: OpOf<'conv2d'> | OpOf<'dense'> };
  /** Made band by band, right before the pointwise convolution reads it. */
  readonly depthwise?: FusedDepthwise;
  readonly input: string;
  /** Added before the activation. */
  readonly residual?: string;
  readonly activation: EpilogueActivation;
  readonly output: string;
}

export interface FusedDepthwise {
  readonly kind: 'depthwise';
  readonly node: Node & { op: OpOf<'depthwise_conv2d'> };
  readonly input: string;
  /** A ReLU on what is read. */
  readonly rectify: boolean;
  readonly activation: EpilogueActivation;
  readonly output: string;
}

/** Any other node, and the activation after it. */
export interface FusedOther {
  readonly kind: 'other';
  readonly node: Node;
  readonly activation: EpilogueActivation;
  readonly output: string;
}

export type Fused = FusedConvolution | FusedDepthwise | FusedOther;

const epilogueActivation = (node: Node): EpilogueActivation | undefined =>
  node.op.kind === 'activation' && node.op.function !== 'elu' ? node.op.function : undefined;

const hasEpilogue = new Set(['add', 'batch_norm']);

const isPointwise = (node: Node): node is Node & { op: OpOf<'conv2d'> } =>
  node.op.kind === 'conv2d' &&
  [...node.op.kernel, ...node.op.stride].every((extent) => extent === 1) &&
  node.op.padding !== 'same' &&
  node.op.padding.every((side) => side === 0);

/**
 * Puts nodes together that one kernel computes: depthwise with the pointwise convolution after it, bias, residual and
 * ReLU with what they follow, a ReLU with the depthwise convolution that reads it. A value that somebody else reads,
 * or that was asked for, stays.
 */
export function fuse(graph: BoundGraph): Fused[] {
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

  const fused: Fused[] = [];
  const waiting = new Map<string, FusedDepthwise>();
  for (const node of graph.nodes) {
    if (taken.has(node.name)) continue;
    const { op } = node;
    if (op.kind === 'activation' && deferred.has(node.name)) continue;
    if (op.kind === 'depthwise_conv2d') {
      const { output, activation } = follow(node.name, false);
      const depthwise: FusedDepthwise = {
        kind: 'depthwise',
        node: { ...node, op },
        ...reluBefore(node),
        activation,
        output,
      };
      const reader = onlyReader(output);
      if (reader && isPointwise(reader)) waiting.set(output, depthwise);
      else fused.push(depthwise);
      made.add(output);
    } else if (op.kind === 'conv2d' || op.kind === 'dense') {
      const depthwise = waiting.get(node.inputs[0]);
      const end = follow(node.name, true);
      const input = depthwise?.input ?? node.inputs[0];
      fused.push({ kind: 'convolution', node: { ...node, op }, depthwise, input, ...end });
      made.add(end.output);
    } else {
      const { output, activation } = hasEpilogue.has(op.kind)
        ? follow(node.name, false)
        : { output: node.name, activation: 'none' as const };
      fused.push({ kind: 'other', node, activation, output });
      made.add(output);
    }
  }
  return fused;
}
