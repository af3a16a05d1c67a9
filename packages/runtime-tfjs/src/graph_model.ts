import {
  type ActivationFunction,
  batchNormAffine,
  dispatch,
  foldBatchNorm,
  inferGraph,
  inputsOf,
  type Model,
  type Node,
  type OpOf,
  type OpTable,
  type Padding,
  type Pair,
  readWeight,
  selectOutputs,
  weightShapes,
} from '@atrous/graph';
import { AtrousError, type DType, type Port, sizeOf } from '@atrous/tensor';
import { theirShapes } from './weights.ts';

/** A node of TensorFlow's GraphDef, as TensorFlow.js reads it from JSON. */
interface TfNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
  readonly attr?: Readonly<Record<string, unknown>>;
}

/** A weight of a GraphModel, read when its turn comes. */
interface TfWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  read(): Promise<Float32Array | Int32Array>;
}

export interface GraphModelOptions {
  /** Any named value of the network. @default the network's own outputs */
  readonly outputs?: readonly string[];
}

/** The files of a GraphModel. */
export interface GraphModelFiles {
  readonly 'model.json': string;
  /** The size is known before the first weight is read, and one weight is in memory at a time. */
  readonly 'weights.bin': { readonly size: number; readonly pieces: AsyncIterable<Uint8Array> };
}

const attr = {
  float: { T: { type: 'DT_FLOAT' } },
  list: (values: readonly number[]) => ({ list: { i: values.map(String) } }),
  text: (value: string) => ({ s: btoa(value) }),
  texts: (values: readonly string[]) => ({ list: { s: values.map((value) => btoa(value)) } }),
  flag: (value: boolean) => ({ b: value }),
};

/** Collects nodes and weights. */
function emitter() {
  const nodes: TfNode[] = [];
  const weights: TfWeight[] = [];
  return {
    nodes,
    weights,
    node(
      name: string,
      op: string,
      input: readonly string[],
      attributes: Record<string, unknown> = {},
    ): string {
      nodes.push({ name, op, input, attr: attributes });
      return name;
    },
    weight(name: string, shape: readonly number[], read: () => Promise<Float32Array>): string {
      nodes.push({ name, op: 'Const', attr: { dtype: { type: 'DT_FLOAT' } } });
      weights.push({ name, shape, dtype: 'float32', read });
      return name;
    },
    constant(name: string, values: readonly number[], shape: readonly number[] = [values.length]): string {
      nodes.push({ name, op: 'Const', attr: { dtype: { type: 'DT_INT32' } } });
      weights.push({ name, shape, dtype: 'int32', read: async () => Int32Array.from(values) });
      return name;
    },
  };
}

interface Step {
  readonly emit: ReturnType<typeof emitter>;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly ports: readonly Port[];
  weight(leaf: string): string;
  /** A batch norm's scale and shift. */
  affine(leaf: 'scale' | 'shift'): string;
}

const activations: Record<ActivationFunction, string> = { relu: 'Relu', relu6: 'Relu6', elu: 'Elu' };

const paddingAttributes = (padding: Padding): Record<string, unknown> =>
  padding === 'same'
    ? { padding: attr.text('SAME') }
    : { padding: attr.text('EXPLICIT'), explicit_paddings: attr.list([0, 0, ...padding, 0, 0]) };

const hasSteps = ([a, b]: Pair) => a > 1 || b > 1;

function convolution(
  op: OpOf<'conv2d'> | OpOf<'depthwise_conv2d'>,
  kind: string,
  fusedKind: string,
  { emit, name, inputs: [x], weight }: Step,
): string {
  const isSplit = hasSteps(op.stride) && hasSteps(op.dilation);
  if (isSplit && op.padding === 'same')
    throw new AtrousError(
      'unsupported',
      `${name}: a GraphModel cannot hold stride and rate beside 'same' padding`,
    );
  const attributes = {
    ...attr.float,
    strides: attr.list(isSplit ? [1, 1, 1, 1] : [1, ...op.stride, 1]),
    dilations: attr.list([1, ...op.dilation, 1]),
    data_format: attr.text('NHWC'),
    ...paddingAttributes(op.padding),
  };
  const own = isSplit ? `${name}/dense` : name;
  const y = op.bias
    ? emit.node(own, fusedKind, [x, weight('kernel'), weight('bias')], {
        ...attributes,
        fused_ops: attr.texts(['BiasAdd']),
        num_args: { i: '1' },
      })
    : emit.node(own, kind, [x, weight('kernel')], attributes);
  if (!isSplit) return y;
  const zeros = emit.constant(`${name}/begin`, [0, 0, 0, 0]);
  return emit.node(
    name,
    'StridedSlice',
    [y, zeros, zeros, emit.constant(`${name}/steps`, [1, ...op.stride, 1])],
    {
      ...attr.float,
      begin_mask: { i: '15' },
      end_mask: { i: '15' },
    },
  );
}

const operators: OpTable<[Step], string> = {
  conv2d: (op, step) => convolution(op, 'Conv2D', '_FusedConv2D', step),
  depthwise_conv2d: (op, step) =>
    convolution(op, 'DepthwiseConv2dNative', 'FusedDepthwiseConv2dNative', step),
  batch_norm(_op, { emit, name, inputs: [x], affine }) {
    const scaled = emit.node(`${name}/scaled`, 'Mul', [x, affine('scale')], attr.float);
    return emit.node(name, 'AddV2', [scaled, affine('shift')], attr.float);
  },
  activation: (op, { emit, name, inputs }) => emit.node(name, activations[op.function], inputs, attr.float),
  pool(op, { emit, name, inputs: [x] }) {
    const pool = (own: string, input: string, padding: string) =>
      emit.node(own, op.function === 'max' ? 'MaxPool' : 'AvgPool', [input], {
        ...attr.float,
        ksize: attr.list([1, ...op.kernel, 1]),
        strides: attr.list([1, ...op.stride, 1]),
        padding: attr.text(padding),
        data_format: attr.text('NHWC'),
      });
    if (op.padding === 'same') return pool(name, x, 'SAME');
    if (op.padding.every((pad) => pad === 0)) return pool(name, x, 'VALID');
    const [top, bottom, left, right] = op.padding;
    const pads = emit.constant(`${name}/pads`, [0, 0, top, bottom, left, right, 0, 0], [4, 2]);
    const value = emit.weight(`${name}/padding`, [], async () =>
      Float32Array.of(op.function === 'max' ? -3.4e38 : 0),
    );
    const pad = (own: string, input: string) => emit.node(own, 'PadV2', [input, pads, value], attr.float);
    if (op.function === 'max') return pool(name, pad(`${name}/padded`, x), 'VALID');
    // The mean of what is no padding: the mean of all, over the share that is none.
    const ones = emit.node(`${name}/ones`, 'OnesLike', [x], attr.float);
    const mean = pool(`${name}/mean`, pad(`${name}/padded`, x), 'VALID');
    const share = pool(`${name}/share`, pad(`${name}/ones_padded`, ones), 'VALID');
    return emit.node(name, 'RealDiv', [mean, share], attr.float);
  },
  global_average_pool: (op, { emit, name, inputs: [x] }) =>
    emit.node(name, 'Mean', [x, emit.constant(`${name}/axes`, [1, 2])], {
      ...attr.float,
      keep_dims: attr.flag(!op.flatten),
    }),
  add: (_op, { emit, name, inputs }) => emit.node(name, 'AddV2', inputs, attr.float),
  concat: (_op, { emit, name, inputs, ports }) =>
    emit.node(name, 'ConcatV2', [...inputs, emit.constant(`${name}/axis`, [ports[0].shape.length - 1], [])], {
      ...attr.float,
      N: { i: String(inputs.length) },
    }),
  resize_bilinear(op, { emit, name, inputs: [x, like] }) {
    const shape = emit.node(`${name}/shape`, 'Shape', [like], attr.float);
    const begin = emit.constant(`${name}/begin`, [1]);
    const size = emit.constant(`${name}/length`, [2]);
    const extent = emit.node(`${name}/size`, 'Slice', [shape, begin, size], { T: { type: 'DT_INT32' } });
    return emit.node(name, 'ResizeBilinear', [x, extent], {
      ...attr.float,
      align_corners: attr.flag(op.convention === 'align-corners'),
      half_pixel_centers: attr.flag(op.convention === 'half-pixel'),
    });
  },
  dense(op, { emit, name, inputs: [x], weight }) {
    const product = emit.node(op.bias ? `${name}/product` : name, 'MatMul', [x, weight('kernel')], {
      ...attr.float,
      transpose_a: attr.flag(false),
      transpose_b: attr.flag(false),
    });
    return op.bias ? emit.node(name, 'BiasAdd', [product, weight('bias')], attr.float) : product;
  },
  softmax: (_op, { emit, name, inputs }) => emit.node(name, 'Softmax', inputs, attr.float),
  arg_max: (_op, { emit, name, inputs: [x], ports }) =>
    emit.node(
      name,
      'ArgMax',
      [x, emit.constant(`${name}/axis`, [ports[0].shape.length - 1], [])],
      attr.float,
    ),
};

const tfTypes: Readonly<Record<DType, string>> = {
  float32: 'DT_FLOAT',
  float16: 'DT_HALF',
  int8: 'DT_INT8',
  uint8: 'DT_INT32',
  int32: 'DT_INT32',
};

const tensorInfo = (name: string, { dtype, shape }: Port) => ({
  name: `${name}:0`,
  dtype: tfTypes[dtype],
  tensorShape: { dim: shape.map((extent) => ({ size: String(extent ?? -1) })) },
});

/**
 * A model as a GraphModel: `model.json` and `weights.bin`, which plain TensorFlow.js opens with `tf.loadGraphModel`.
 * Input `image` [N,H,W,3] with free batch, height and width, outputs by our names; batch norms folded.
 * @throws AtrousError `unsupported`
 */
export function encodeGraphModel(model: Model, options: GraphModelOptions = {}): GraphModelFiles {
  const { graph, weights } = foldBatchNorm({
    graph: selectOutputs(model.graph, options.outputs),
    weights: model.weights,
  });
  const ports = inferGraph(graph);
  const shapes = weightShapes(graph);
  const theirs = theirShapes(graph);
  const emit = emitter();
  for (const [name, { shape }] of Object.entries(graph.inputs)) {
    const dim = shape.map((extent) => ({ size: String(extent ?? -1) }));
    emit.node(name, 'Placeholder', [], { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim } } });
  }
  const lower = (node: Node) => {
    const inputs = inputsOf(node, ports);
    const weight = (leaf: string) => {
      const name = `${node.name}/${leaf}`;
      return emit.weight(name, theirs.get(name)!, () => readWeight(weights, name, shapes.get(name)!));
    };
    const affine = (leaf: 'scale' | 'shift') => {
      const { op } = node as { op: OpOf<'batch_norm'> };
      const channels = inputs[0].shape.at(-1)!;
      return emit.weight(
        `${node.name}/${leaf}`,
        [channels],
        async () => (await batchNormAffine(weights, node.name, op, channels))[leaf],
      );
    };
    dispatch(operators, node.op, {
      emit,
      name: node.name,
      inputs: node.inputs,
      ports: inputs,
      weight,
      affine,
    });
  };
  for (const node of graph.nodes) lower(node);
  const outputs = Object.entries(graph.outputs).map(([name, value]) => {
    if (name !== value) emit.node(name, 'Identity', [value], attr.float);
    return [name, tensorInfo(name, ports.get(value)!)] as const;
  });
  const json = {
    format: 'graph-model',
    generatedBy: 'atrous',
    convertedBy: 'atrous',
    signature: {
      inputs: Object.fromEntries(
        Object.entries(graph.inputs).map(([name, port]) => [name, tensorInfo(name, port)]),
      ),
      outputs: Object.fromEntries(outputs),
    },
    modelTopology: { node: emit.nodes, library: {}, versions: {} },
    weightsManifest: [
      {
        paths: ['weights.bin'],
        weights: emit.weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      },
    ],
  };
  const size = emit.weights.reduce((sum, { shape }) => sum + sizeOf(shape) * 4, 0);
  return {
    'model.json': JSON.stringify(json),
    'weights.bin': {
      size,
      pieces: (async function* () {
        for (const { read } of emit.weights) {
          const { buffer, byteOffset, byteLength } = await read();
          yield new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
        }
      })(),
    },
  };
}
