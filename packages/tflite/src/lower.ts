import { type BoundGraph, type Node, type OpOf, readWeight, ruleOf } from '@atrous/graph';
import { batchNormAffine, dispatch, inputsOf } from '@atrous/graph/lowering';
import { permuteAxes, reshapeAxes, type TensorSpec, tensor } from '@atrous/tensor';
import { createEmitter, type Emitter, type Made } from './emitter.ts';
import { fusions } from './fusion.ts';
import type { StoredWeights } from './kernels.ts';
import { lowerings } from './lowerings.ts';
import { fusedActivations, type TensorType } from './schema.ts';
import type { Step, Weight } from './step.ts';

export interface LoweredGraph {
  readonly emitter: Emitter;
  /** Public name to tensor. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
}

const nonNegative = new Set<string>(['relu', 'relu6', 'hardsigmoid']);

/**
 * A bound graph as TensorFlow Lite's operators; weights are read when they are written.
 * @param isDynamic whether kernels of 8 bits go into operators as they are, which then round what they read to 8 bits, too
 */
export function lowerGraph(graph: BoundGraph, stored: StoredWeights, isDynamic: boolean): LoweredGraph {
  const emitter = createEmitter();
  const { specs } = graph;
  const made = (name: string): Made => {
    const { dtype, shape } = specs.get(name)!;
    return { name, shape, type: dtype as TensorType };
  };
  const inputs = Object.fromEntries(
    Object.keys(graph.inputs).map((name) => [name, emitter.input(made(name))] as const),
  );
  const values = new Map<string, number>(Object.entries(inputs)); // our value to their tensor
  const producers = new Map(graph.nodes.map((node) => [node.name, node]));
  const activationOf = new Map<string, number>();
  const fused = fusions(graph);
  for (const [name, producer] of fused) {
    const { function: activation } = producers.get(name)!.op as OpOf<'activation'>;
    activationOf.set(producer.name, fusedActivations[activation as keyof typeof fusedActivations]);
  }
  const isNonNegative = (name: string): boolean => {
    const op = producers.get(name)?.op;
    return op?.kind === 'activation' && nonNegative.has(op.function);
  };
  for (const node of graph.nodes) {
    const producer = fused.get(node.name);
    if (producer) {
      values.set(node.name, values.get(producer.name)!);
      continue;
    }
    const ports = inputsOf(node, specs);
    const step: Step = {
      emitter,
      inputs: inputsOf(node, values),
      ports,
      made: made(node.name),
      fused: activationOf.get(node.name) ?? fusedActivations.none,
      isNonNegative: isNonNegative(node.inputs[0]),
      weight: (leaf, axes) => weightOf(emitter, node, ports, stored, leaf, axes, isDynamic),
      affine(leaf) {
        const channels = ports[0].shape.at(-1)!;
        const { op, name } = node as { op: OpOf<'batch_norm'>; name: string };
        return emitter.weight({ name: `${name}/${leaf}`, shape: [channels] }, async () => {
          return (await batchNormAffine(stored.weights, name, op, channels))[leaf];
        });
      },
    };
    values.set(node.name, dispatch(lowerings, node.op, step));
  }
  return { emitter, inputs, outputs: nameOutputs(emitter, graph, values) };
}

/** A kernel or a bias as a tensor of the file: in float32 or, made so when the model is opened, from what the file keeps. */
function weightOf(
  emitter: Emitter,
  node: Node,
  ports: readonly TensorSpec[],
  { weights, scales }: StoredWeights,
  leaf: string,
  axes: readonly [ours: string, theirs: string],
  isDynamic: boolean,
): Weight {
  const name = `${node.name}/${leaf}`;
  const shape = ruleOf(node.op).weights(node.op, ports)[leaf];
  const theirs = reshapeAxes(shape, ...axes);
  const { dtype } = weights.spec(name);
  const read = async () => {
    const given =
      dtype === 'float32'
        ? tensor('float32', shape, await readWeight(weights, name, shape))
        : await weights.read(name);
    return permuteAxes(given, ...axes).data;
  };
  if (dtype === 'float32') return { tensor: emitter.weight({ name, shape: theirs }, read), isInt8: false };
  const values = scales.get(name);
  const axis = axes[1].indexOf(axes[0].at(-1)!);
  // XNNPACK rounds what products read, not what depthwise convolutions do: in 8 bits these fall to slow kernels
  const isRaw = isDynamic && node.op.kind !== 'depthwise_conv2d';
  const kept: Made = { name: isRaw ? name : `${name}/${dtype}`, shape: theirs, type: dtype };
  const raw = emitter.weight(kept, read, values && { axis, values });
  if (isRaw) return { tensor: raw, isInt8: true };
  const version = dtype === 'float16' ? 3 : 5;
  return {
    tensor: emitter.operator('DEQUANTIZE', {}, [raw], { name, shape: theirs }, version),
    isInt8: false,
  };
}

/** Gives tensors the names of the outputs that they are. One that is an input, or two outputs, is written again. */
function nameOutputs(
  emitter: Emitter,
  graph: BoundGraph,
  values: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  const taken = new Set(Object.keys(graph.inputs).map((name) => values.get(name)!));
  const named = Object.entries(graph.outputs).map(([name, value]) => {
    const found = values.get(value)!;
    const { dtype, shape } = graph.specs.get(value)!;
    const output = taken.has(found)
      ? emitter.operator('RESHAPE', { newShape: shape }, [found, emitter.int32(shape)], {
          name,
          shape,
          type: dtype as TensorType,
        })
      : found;
    taken.add(output);
    emitter.rename(output, name);
    return [name, output] as const;
  });
  return Object.fromEntries(named);
}
