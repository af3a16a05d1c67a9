import { inferGraph, type Model, readWeight, ruleOf } from '@atrous/graph';
import { dispatch, inputsOf } from '@atrous/graph/lowering';
import { type Port, permuteAxes, reshapeAxes, tensor } from '@atrous/tensor';
import { createEmitter, type Emitter } from './emitter.ts';
import { lowerings } from './lowerings.ts';
import { type Normalization, normalized } from './normalize.ts';

/** The axes of rank-4 inputs and outputs. */
export type Layout = 'NHWC' | 'NCHW';

export interface LowerOptions {
  readonly layout: Layout;
  /** What the graph does to its pixels of 0 to 255; undefined: they come normalised. */
  readonly normalize?: Normalization;
}

export interface LoweredGraph {
  readonly emitter: Emitter;
  /** Ports of the ONNX graph, in its layout. */
  readonly inputs: Readonly<Record<string, Port>>;
  readonly outputs: Readonly<Record<string, Port>>;
}

const toChannelsFirst = [0, 3, 1, 2];
const toChannelsLast = [0, 2, 3, 1];

/** A port of ours, NHWC, in another layout. */
function inLayout({ dtype, shape }: Port, layout: Layout): Port {
  const isTurned = layout === 'NCHW' && shape.length === 4;
  return { dtype, shape: isTurned ? toChannelsFirst.map((axis) => shape[axis]) : shape };
}

/**
 * A model's graph as ONNX nodes; where the layout is NHWC, with one transpose in and one per rank-4 output. What depends
 * on sizes that are known is a constant. Initializers are read when written.
 */
export function lowerGraph({ graph, weights }: Model, { layout, normalize }: LowerOptions): LoweredGraph {
  const emitter = createEmitter();
  const ports = inferGraph(graph);
  const values = new Map<string, string>(); // our value to ONNX's
  for (const [name, port] of Object.entries(graph.inputs)) {
    const isTurned = layout === 'NHWC' && port.shape.length === 4;
    const value = isTurned
      ? emitter.node('Transpose', [name], `${name}:nchw`, { perm: toChannelsFirst })
      : name;
    values.set(name, normalize ? normalized(emitter, value, port, normalize) : value);
  }
  for (const node of graph.nodes) {
    const nodePorts = inputsOf(node, ports);
    const shapes = ruleOf(node.op).weights(node.op, nodePorts);
    const value = `${node.name}:value`;
    dispatch(lowerings, node.op, {
      emitter,
      inputs: inputsOf(node, values),
      ports: nodePorts,
      value,
      weight(leaf, axes) {
        const name = `${node.name}/${leaf}`;
        const shape = shapes[leaf];
        emitter.initializers.push({
          name,
          type: 'float32',
          dims: axes ? reshapeAxes(shape, ...axes) : shape,
          async read() {
            const read = tensor('float32', shape, await readWeight(weights, name, shape));
            const { data } = axes ? permuteAxes(read, ...axes) : read;
            return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
          },
        });
        return name;
      },
    });
    values.set(node.name, value);
  }
  const outputs: Record<string, Port> = {};
  for (const [name, value] of Object.entries(graph.outputs)) {
    const port = ports.get(value)!;
    outputs[name] = inLayout(port, layout);
    const isTurned = layout === 'NHWC' && port.shape.length === 4;
    const from = values.get(value)!;
    if (isTurned) emitter.node('Transpose', [from], name, { perm: toChannelsLast });
    else emitter.node('Identity', [from], name);
  }
  const inputs = Object.entries(graph.inputs).map(([name, port]) => [name, inLayout(port, layout)] as const);
  return { emitter, inputs: Object.fromEntries(inputs), outputs };
}
