import type { ActivationFunction, OpOf, OpTable, Padding, Pair } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import { adaptiveAveragePool } from './graph_model_adaptive_pool.ts';
import { attr, type GraphEmitter } from './graph_model_nodes.ts';
import type { Step } from './graph_model_step.ts';

/** min(max(x + 3, 0), 6) / 6, which TensorFlow has no operator for. */
function hardSigmoid(emit: GraphEmitter, x: string, name: string): string {
  const raised = emit.node(`${name}/raised`, 'AddV2', [x, emit.floats(`${name}/three`, [3])], attr.float);
  const clamped = emit.node(`${name}/clamped`, 'Relu6', [raised], attr.float);
  return emit.node(name, 'Mul', [clamped, emit.floats(`${name}/sixth`, [1 / 6])], attr.float);
}

const ofKind = (kind: string) => (emit: GraphEmitter, x: string, name: string) =>
  emit.node(name, kind, [x], attr.float);

const activations: Record<ActivationFunction, (emit: GraphEmitter, x: string, name: string) => string> = {
  relu: ofKind('Relu'),
  relu6: ofKind('Relu6'),
  elu: ofKind('Elu'),
  hardsigmoid: hardSigmoid,
  hardswish: (emit, x, name) => emit.node(name, 'Mul', [x, hardSigmoid(emit, x, `${name}/gate`)], attr.float),
};

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

/** A mean in which padding counts: a depthwise convolution with equal weights, for pools leave padding out. */
function paddedMean(op: OpOf<'pool'>, { emit, name, inputs: [x], ports }: Step): string {
  const taps = op.kernel[0] * op.kernel[1];
  const shape = [...op.kernel, ports[0].shape[3]!, 1];
  const kernel = emit.weight(`${name}/kernel`, shape, async () =>
    new Float32Array(taps * shape[2]).fill(1 / taps),
  );
  return emit.node(name, 'DepthwiseConv2dNative', [x, kernel], {
    ...attr.float,
    strides: attr.list([1, ...op.stride, 1]),
    dilations: attr.list([1, 1, 1, 1]),
    data_format: attr.text('NHWC'),
    ...paddingAttributes(op.padding),
  });
}

function pool(op: OpOf<'pool'>, step: Step): string {
  const {
    emit,
    name,
    inputs: [x],
  } = step;
  const window = (own: string, input: string, padding: string) =>
    emit.node(own, op.function === 'max' ? 'MaxPool' : 'AvgPool', [input], {
      ...attr.float,
      ksize: attr.list([1, ...op.kernel, 1]),
      strides: attr.list([1, ...op.stride, 1]),
      padding: attr.text(padding),
      data_format: attr.text('NHWC'),
    });
  if (op.padding !== 'same' && op.padding.every((pad) => pad === 0)) return window(name, x, 'VALID');
  if (op.countPadding) return paddedMean(op, step);
  if (op.padding === 'same') return window(name, x, 'SAME');
  const [top, bottom, left, right] = op.padding;
  const pads = emit.constant(`${name}/pads`, [0, 0, top, bottom, left, right, 0, 0], [4, 2]);
  const value = emit.weight(`${name}/padding`, [], async () =>
    Float32Array.of(op.function === 'max' ? -3.4e38 : 0),
  );
  const pad = (own: string, input: string) => emit.node(own, 'PadV2', [input, pads, value], attr.float);
  if (op.function === 'max') return window(name, pad(`${name}/padded`, x), 'VALID');
  // The mean of what is no padding: the mean of all, over the share that is none.
  const ones = emit.node(`${name}/ones`, 'OnesLike', [x], attr.float);
  const mean = window(`${name}/mean`, pad(`${name}/padded`, x), 'VALID');
  const share = window(`${name}/share`, pad(`${name}/ones_padded`, ones), 'VALID');
  return emit.node(name, 'RealDiv', [mean, share], attr.float);
}

export const operators: OpTable<[Step], string> = {
  conv2d: (op, step) => convolution(op, 'Conv2D', '_FusedConv2D', step),
  depthwise_conv2d: (op, step) =>
    convolution(op, 'DepthwiseConv2dNative', 'FusedDepthwiseConv2dNative', step),
  batch_norm(_op, { emit, name, inputs: [x], affine }) {
    const scaled = emit.node(`${name}/scaled`, 'Mul', [x, affine('scale')], attr.float);
    return emit.node(name, 'AddV2', [scaled, affine('shift')], attr.float);
  },
  activation: (op, { emit, name, inputs: [x] }) => activations[op.function](emit, x, name),
  pool,
  global_average_pool: (op, { emit, name, inputs: [x] }) =>
    emit.node(name, 'Mean', [x, emit.constant(`${name}/axes`, [1, 2])], {
      ...attr.float,
      keep_dims: attr.flag(!op.flatten),
    }),
  adaptive_average_pool: adaptiveAveragePool,
  add: (_op, { emit, name, inputs }) => emit.node(name, 'AddV2', inputs, attr.float),
  multiply: (_op, { emit, name, inputs }) => emit.node(name, 'Mul', inputs, attr.float),
  scale: (op, { emit, name, inputs: [x] }) =>
    emit.node(name, 'Mul', [x, emit.floats(`${name}/factor`, [op.factor])], attr.float),
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
