import {
  type DilatedWindow,
  dispatch,
  inferGraph,
  inputsOf,
  type Model,
  type Node,
  type OpTable,
  reach,
  readWeight,
  ruleOf,
  samePadding,
} from '@atrous/graph';
import { type Port, permuteAxes, type ResizeConvention, reshapeAxes, tensor } from '@atrous/tensor';
import { createEmitter, type Emitter } from './emitter.ts';

/** Inside the ONNX graph rank-4 values are NCHW, as onnxruntime wants them. */
const toChannelsFirst = [0, 3, 1, 2];
const toChannelsLast = [0, 2, 3, 1];

interface Context {
  readonly emitter: Emitter;
  readonly node: Node;
  /** Names of the inputs' ONNX values. */
  readonly inputs: readonly string[];
  readonly ports: readonly Port[];
  /** The name of the node's ONNX value. */
  readonly value: string;
  /** A weight as an initializer, turned from our axes into ONNX's. */
  weight(leaf: string, axes?: readonly [ours: string, theirs: string]): string;
}

const spatial = (values: readonly number[]) => [...values];

/** ONNX wants all beginnings, then all ends. */
function onnxPads([top, bottom, left, right]: readonly number[]): number[] {
  return [top, left, bottom, right];
}

/**
 * Padding of a window as attributes; `same` with a stride depends on the size, which stays free, so it becomes
 * arithmetic on the shape and a Pad node.
 */
function padded(context: Context, window: DilatedWindow, fill: number): { input: string; pads: number[] } {
  const { emitter, inputs, value } = context;
  const { kernel, stride, dilation, padding } = window;
  if (padding !== 'same') return { input: inputs[0], pads: onnxPads(padding) };
  if (stride.every((step) => step === 1)) {
    const [y, x] = [0, 1].map((axis) =>
      samePadding(kernel[axis] * dilation[axis] + 1, kernel[axis], 1, dilation[axis]),
    );
    return { input: inputs[0], pads: onnxPads([...y, ...x]) };
  }
  // total = max((ceil(size / stride) − 1)·stride + reach − size, 0); the odd pixel goes to the end
  const at = (step: string) => `${value}/same/${step}`;
  const steps = emitter.int64(spatial(stride));
  const shape = emitter.node('Shape', inputs, at('shape'));
  const size = emitter.node('Slice', [shape, emitter.int64([2]), emitter.int64([4])], at('size'));
  const raised = emitter.node('Add', [size, emitter.int64(stride.map((step) => step - 1))], at('raised'));
  const out = emitter.node('Div', [raised, steps], at('out'));
  const last = emitter.node(
    'Mul',
    [emitter.node('Sub', [out, emitter.int64([1, 1])], at('gaps')), steps],
    at('last'),
  );
  const reaches = emitter.int64([0, 1].map((axis) => reach(kernel[axis], dilation[axis])));
  const needed = emitter.node('Add', [last, reaches], at('needed'));
  const lacking = emitter.node('Sub', [needed, size], at('lacking'));
  const total = emitter.node('Max', [lacking, emitter.int64([0, 0])], at('total'));
  const before = emitter.node('Div', [total, emitter.int64([2, 2])], at('before'));
  const after = emitter.node('Sub', [total, before], at('after'));
  const none = emitter.int64([0, 0]);
  const pads = emitter.node('Concat', [none, before, none, after], at('pads'), { axis: 0 });
  const input = emitter.node('Pad', [inputs[0], pads, emitter.float(fill)], at('padded'), {
    mode: 'constant',
  });
  return { input, pads: [0, 0, 0, 0] };
}

const transformations: Record<ResizeConvention, string> = {
  'half-pixel': 'half_pixel',
  'align-corners': 'align_corners',
  asymmetric: 'asymmetric',
};

const lowest = -3.4028234663852886e38;

const lowerings: OpTable<[Context], void> = {
  conv2d(op, context) {
    const { input, pads } = padded(context, op, 0);
    const weights = [
      context.weight('kernel', ['HWIO', 'OIHW']),
      ...(op.bias ? [context.weight('bias')] : []),
    ];
    context.emitter.node('Conv', [input, ...weights], context.value, {
      kernel_shape: spatial(op.kernel),
      strides: spatial(op.stride),
      dilations: spatial(op.dilation),
      pads,
    });
  },
  depthwise_conv2d(op, context) {
    const { input, pads } = padded(context, op, 0);
    const weights = [context.weight('kernel', ['HWC', 'C1HW']), ...(op.bias ? [context.weight('bias')] : [])];
    context.emitter.node('Conv', [input, ...weights], context.value, {
      group: context.ports[0].shape[3]!,
      kernel_shape: spatial(op.kernel),
      strides: spatial(op.stride),
      dilations: spatial(op.dilation),
      pads,
    });
  },
  batch_norm(op, { emitter, inputs, value, weight }) {
    const weights = ['gamma', 'beta', 'mean', 'variance'].map((leaf) => weight(leaf));
    emitter.node('BatchNormalization', [...inputs, ...weights], value, { epsilon: { float: op.epsilon } });
  },
  activation(op, { emitter, inputs, value }) {
    if (op.function === 'relu') emitter.node('Relu', inputs, value);
    else if (op.function === 'elu') emitter.node('Elu', inputs, value);
    else emitter.node('Clip', [...inputs, emitter.float(0), emitter.float(6)], value);
  },
  pool(op, context) {
    const { emitter, value } = context;
    const window = { ...op, dilation: [1, 1] as const };
    const attributes = { kernel_shape: spatial(op.kernel), strides: spatial(op.stride) };
    if (op.function === 'max') {
      const { input, pads } = padded(context, window, lowest);
      emitter.node('MaxPool', [input], value, { ...attributes, pads });
      return;
    }
    const { input, pads } = padded(context, window, 0);
    if (input === context.inputs[0]) {
      emitter.node('AveragePool', [input], value, { ...attributes, pads, count_include_pad: 0 });
      return;
    }
    // Padded by a node: the mean of what is there is the mean over the window, over the share that is there.
    const mean = emitter.node('AveragePool', [input], `${value}/mean`, { ...attributes, pads });
    const zero = emitter.node('Mul', [context.inputs[0], emitter.float(0)], `${value}/zero`);
    const ones = emitter.node('Add', [zero, emitter.float(1)], `${value}/ones`);
    const there = padded({ ...context, inputs: [ones], value: `${value}/there` }, window, 0);
    const share = emitter.node('AveragePool', [there.input], `${value}/share`, { ...attributes, pads });
    emitter.node('Div', [mean, share], value);
  },
  global_average_pool(op, { emitter, inputs, value }) {
    if (!op.flatten) emitter.node('GlobalAveragePool', inputs, value);
    else
      emitter.node('Flatten', [emitter.node('GlobalAveragePool', inputs, `${value}/mean`)], value, {
        axis: 1,
      });
  },
  add: (_op, { emitter, inputs, value }) => void emitter.node('Add', inputs, value),
  concat(_op, { emitter, inputs, ports, value }) {
    emitter.node('Concat', inputs, value, {
      axis: ports[0].shape.length === 4 ? 1 : ports[0].shape.length - 1,
    });
  },
  resize_bilinear(op, { emitter, inputs: [input, like], value }) {
    const sizeOfInput = emitter.node('Shape', [input], `${value}/input_shape`);
    const sizeOfLike = emitter.node('Shape', [like], `${value}/like_shape`);
    const [zero, two, four] = [emitter.int64([0]), emitter.int64([2]), emitter.int64([4])];
    const kept = emitter.node('Slice', [sizeOfInput, zero, two], `${value}/kept`);
    const size = emitter.node('Slice', [sizeOfLike, two, four], `${value}/size`);
    const sizes = emitter.node('Concat', [kept, size], `${value}/sizes`, { axis: 0 });
    emitter.node('Resize', [input, '', '', sizes], value, {
      mode: 'linear',
      coordinate_transformation_mode: transformations[op.convention],
    });
  },
  dense(op, { emitter, inputs, value, weight }) {
    const weights = [weight('kernel'), ...(op.bias ? [weight('bias')] : [])];
    emitter.node('Gemm', [...inputs, ...weights], value);
  },
  softmax: (_op, { emitter, inputs, value }) => void emitter.node('Softmax', inputs, value, { axis: 1 }),
  arg_max(_op, { emitter, inputs, ports, value }) {
    const best = emitter.node('ArgMax', inputs, `${value}/int64`, { axis: 1, keepdims: 0 });
    const [uint8, int32] = [2, 6];
    emitter.node('Cast', [best], value, { to: ports[0].shape.at(-1)! <= 256 ? uint8 : int32 });
  },
};

/** A model's graph as ONNX nodes: one transpose in, one per rank-4 output. Initializers are read when written. */
export function lowerGraph({ graph, weights }: Model): { emitter: Emitter; outputs: Record<string, Port> } {
  const emitter = createEmitter();
  const ports = inferGraph(graph);
  const values = new Map<string, string>(); // our value to ONNX's
  for (const [name, port] of Object.entries(graph.inputs)) {
    const isRank4 = port.shape.length === 4;
    values.set(
      name,
      isRank4 ? emitter.node('Transpose', [name], `${name}:nchw`, { perm: toChannelsFirst }) : name,
    );
  }
  for (const node of graph.nodes) {
    const nodePorts = inputsOf(node, ports);
    const shapes = ruleOf(node.op).weights(node.op, nodePorts);
    const value = `${node.name}:value`;
    dispatch(lowerings, node.op, {
      emitter,
      node,
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
    outputs[name] = ports.get(value)!;
    const isRank4 = outputs[name].shape.length === 4;
    const from = values.get(value)!;
    if (isRank4) emitter.node('Transpose', [from], name, { perm: toChannelsLast });
    else emitter.node('Identity', [from], name);
  }
  return { emitter, outputs };
}
