import { type ActivationFunction, countTaps, type OpOf, type OpTable, resolvePadding } from '@atrous/graph';
import type { Port, ResizeConvention } from '@atrous/tensor';
import { adaptiveAveragePool } from './adaptive_pool.ts';
import type { Emitter } from './emitter.ts';
import type { LoweringContext } from './lowering_context.ts';
import { padded } from './padding.ts';

const transformations: Record<ResizeConvention, string> = {
  'half-pixel': 'half_pixel',
  'align-corners': 'align_corners',
  asymmetric: 'asymmetric',
};

const lowest = -3.4028234663852886e38;

/**
 * The share of each window that is no padding, where it is to be counted and sizes are known: OpenCV's older engine
 * never counts it, so that files of one size multiply the mean of the rest by this.
 */
function countedShare(
  op: OpOf<'pool'>,
  { emitter, ports: [{ shape }] }: LoweringContext,
): string | undefined {
  const [, height, width] = shape;
  if (!op.countPadding || height === null || width === null) return undefined;
  // the size may be known although the graph's is free: after a global pool
  const padding = resolvePadding({ ...op, dilation: [1, 1] }, height, width);
  if (padding.every((side) => side === 0)) return undefined;
  const { rows, columns } = countTaps({ ...op, padding }, height, width);
  const window = op.kernel[0] * op.kernel[1];
  const shares = rows.flatMap((row) => columns.map((column) => (row * column) / window));
  return emitter.floats([1, 1, rows.length, columns.length], shares);
}

/** The shape that a resize gives, NCHW, where every size is known. */
function knownResize([{ shape }, like]: readonly Port[]): number[] | undefined {
  const sizes = [shape[0], shape[3], like.shape[1], like.shape[2]];
  return sizes.every((extent) => extent !== null) ? sizes : undefined;
}

/** The same as arithmetic on the shapes of its inputs. */
function computedResize({ emitter, inputs: [input, like], value }: LoweringContext): string {
  const sizeOfInput = emitter.node('Shape', [input], `${value}/input_shape`);
  const sizeOfLike = emitter.node('Shape', [like], `${value}/like_shape`);
  const [zero, two, four] = [emitter.int64([0]), emitter.int64([2]), emitter.int64([4])];
  const kept = emitter.node('Slice', [sizeOfInput, zero, two], `${value}/kept`);
  const size = emitter.node('Slice', [sizeOfLike, two, four], `${value}/size`);
  return emitter.node('Concat', [kept, size], `${value}/sizes`, { axis: 0 });
}

/**
 * min(max(x + 3, 0), 6) / 6. Not ONNX's HardSigmoid: OpenCV 5.0 takes the product of one with anything for a HardSwish,
 * so that gates would be wrong.
 */
function hardSigmoid(emitter: Emitter, inputs: readonly string[], value: string): void {
  const raised = emitter.node('Add', [...inputs, emitter.float(3)], `${value}/raised`);
  const clamped = emitter.node('Clip', [raised, emitter.float(0), emitter.float(6)], `${value}/clamped`);
  emitter.node('Div', [clamped, emitter.float(6)], value);
}

const activations: Record<
  ActivationFunction,
  (emitter: Emitter, inputs: readonly string[], value: string) => void
> = {
  relu: (emitter, inputs, value) => void emitter.node('Relu', inputs, value),
  relu6: (emitter, inputs, value) =>
    void emitter.node('Clip', [...inputs, emitter.float(0), emitter.float(6)], value),
  elu: (emitter, inputs, value) => void emitter.node('Elu', inputs, value),
  hardsigmoid: hardSigmoid,
  hardswish: (emitter, inputs, value) => void emitter.node('HardSwish', inputs, value),
};

/** Every operator as ONNX nodes. */
export const lowerings: OpTable<[LoweringContext], void> = {
  conv2d(op, context) {
    const { input, pads } = padded(context.emitter, op, context.inputs[0], 0, context.value);
    const weights = [
      context.weight('kernel', ['HWIO', 'OIHW']),
      ...(op.bias ? [context.weight('bias')] : []),
    ];
    context.emitter.node('Conv', [input, ...weights], context.value, {
      kernel_shape: op.kernel,
      strides: op.stride,
      dilations: op.dilation,
      pads,
    });
  },
  depthwise_conv2d(op, context) {
    const { input, pads } = padded(context.emitter, op, context.inputs[0], 0, context.value);
    const weights = [context.weight('kernel', ['HWC', 'C1HW']), ...(op.bias ? [context.weight('bias')] : [])];
    context.emitter.node('Conv', [input, ...weights], context.value, {
      group: context.ports[0].shape[3]!,
      kernel_shape: op.kernel,
      strides: op.stride,
      dilations: op.dilation,
      pads,
    });
  },
  batch_norm(op, { emitter, inputs, value, weight }) {
    const weights = ['gamma', 'beta', 'mean', 'variance'].map((leaf) => weight(leaf));
    emitter.node('BatchNormalization', [...inputs, ...weights], value, { epsilon: { float: op.epsilon } });
  },
  activation: (op, { emitter, inputs, value }) => activations[op.function](emitter, inputs, value),
  pool(op, context) {
    const { emitter, value } = context;
    const window = { ...op, dilation: [1, 1] as const };
    const attributes = { kernel_shape: op.kernel, strides: op.stride };
    if (op.function === 'max') {
      const { input, pads } = padded(emitter, window, context.inputs[0], lowest, value);
      emitter.node('MaxPool', [input], value, { ...attributes, pads });
      return;
    }
    const share = countedShare(op, context);
    if (share) {
      const pads = padded(emitter, window, context.inputs[0], 0, value).pads;
      const counts = { ...attributes, pads, count_include_pad: 0 };
      emitter.node(
        'Mul',
        [emitter.node('AveragePool', context.inputs, `${value}/mean`, counts), share],
        value,
      );
      return;
    }
    const { input, pads } = padded(emitter, window, context.inputs[0], 0, value);
    if (op.countPadding || input === context.inputs[0]) {
      // Where a node has padded, what it put there counts.
      const counts = { count_include_pad: op.countPadding ? 1 : 0 };
      emitter.node('AveragePool', [input], value, { ...attributes, pads, ...counts });
      return;
    }
    // Padded by a node: the mean of what is there is the mean over the window, over the share that is there.
    const mean = emitter.node('AveragePool', [input], `${value}/mean`, { ...attributes, pads });
    const zero = emitter.node('Mul', [context.inputs[0], emitter.float(0)], `${value}/zero`);
    const ones = emitter.node('Add', [zero, emitter.float(1)], `${value}/ones`);
    const there = padded(emitter, window, ones, 0, `${value}/there`);
    const inside = emitter.node('AveragePool', [there.input], `${value}/share`, { ...attributes, pads });
    emitter.node('Div', [mean, inside], value);
  },
  global_average_pool(op, { emitter, inputs, value }) {
    if (!op.flatten) emitter.node('GlobalAveragePool', inputs, value);
    else
      emitter.node('Flatten', [emitter.node('GlobalAveragePool', inputs, `${value}/mean`)], value, {
        axis: 1,
      });
  },
  adaptive_average_pool: adaptiveAveragePool,
  add: (_op, { emitter, inputs, value }) => void emitter.node('Add', inputs, value),
  multiply: (_op, { emitter, inputs, value }) => void emitter.node('Mul', inputs, value),
  scale: (op, { emitter, inputs, value }) =>
    void emitter.node('Mul', [...inputs, emitter.float(op.factor)], value),
  concat(_op, { emitter, inputs, ports, value }) {
    emitter.node('Concat', inputs, value, {
      axis: ports[0].shape.length === 4 ? 1 : ports[0].shape.length - 1,
    });
  },
  resize_bilinear(op, context) {
    const { emitter, inputs, ports, value } = context;
    const known = knownResize(ports);
    const [, height, width] = ports[0].shape;
    if (known && height === 1 && width === 1) {
      // OpenCV 5.0's Resize reads beyond a single pixel, and numbers from there reach the result.
      emitter.node('Expand', [inputs[0], emitter.int64(known)], value);
      return;
    }
    const sizes = known ? emitter.int64(known) : computedResize(context);
    emitter.node('Resize', [inputs[0], '', '', sizes], value, {
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
