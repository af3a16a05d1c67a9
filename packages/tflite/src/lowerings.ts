import type { ActivationFunction, DilatedWindow, OpOf, OpTable } from '@atrous/graph';
import type { ResizeConvention } from '@atrous/tensor';
import type { Made } from './emitter.ts';
import { adaptiveAveragePool, pool } from './pools.ts';
import { tensorTypes } from './schema.ts';
import type { Step, Weight } from './step.ts';
import { padded } from './windows.ts';

/** Versions of operators in TensorFlow Lite's schema, by what they are given. */
const versions = {
  CONV_2D: { plain: 1, dilated: 1, int8: 5 },
  DEPTHWISE_CONV_2D: { plain: 1, dilated: 2, int8: 6 },
  FULLY_CONNECTED: { plain: 1, dilated: 1, int8: 12 },
  RESIZE_BILINEAR: { plain: 1, halfPixel: 3 },
} as const;

/** Bias as it is, or zeros: not every accelerator takes a convolution without one. */
const biasOf = (op: { readonly bias: boolean }, channels: number, { emitter, weight }: Step): number =>
  op.bias ? weight('bias', ['O', 'O']).tensor : emitter.floats(new Float32Array(channels));

function convolution(
  kind: 'CONV_2D' | 'DEPTHWISE_CONV_2D',
  op: DilatedWindow & { readonly bias: boolean },
  kernel: Weight,
  step: Step,
): number {
  const { emitter, inputs, ports, made, fused } = step;
  const { input, padding } = padded(emitter, op, inputs[0], { name: made.name, shape: ports[0].shape });
  const window = {
    padding,
    strideH: op.stride[0],
    strideW: op.stride[1],
    dilationHFactor: op.dilation[0],
    dilationWFactor: op.dilation[1],
    fusedActivationFunction: fused,
  };
  const bias = biasOf(op, made.shape[3], step);
  const isDilated = op.dilation.some((rate) => rate > 1);
  const version = versions[kind][kernel.isInt8 ? 'int8' : isDilated ? 'dilated' : 'plain'];
  const operands = [input, kernel.tensor, bias];
  if (kind === 'CONV_2D') return emitter.operator(kind, window, operands, made, version);
  return emitter.operator(kind, { ...window, depthMultiplier: 1 }, operands, made, version);
}

const noActivation = { fusedActivationFunction: 0 } as const;

/** min(max(x + 3, 0), 6) / 6, which TensorFlow Lite has no operator for. */
function hardSigmoid({ emitter, inputs: [x], made }: Step): number {
  const raised: Made = { ...made, name: `${made.name}/raised` };
  const clamped = emitter.operator('ADD', noActivation, [x, emitter.floats([3])], raised);
  const cut = emitter.operator('RELU6', null, [clamped], { ...made, name: `${made.name}/clamped` });
  return emitter.operator('MUL', noActivation, [cut, emitter.floats([1 / 6])], made);
}

const activations: Record<ActivationFunction, (step: Step) => number> = {
  relu: ({ emitter, inputs, made }) => emitter.operator('RELU', null, inputs, made),
  relu6: ({ emitter, inputs, made }) => emitter.operator('RELU6', null, inputs, made),
  elu: ({ emitter, inputs, made }) => emitter.operator('ELU', null, inputs, made),
  hardsigmoid: hardSigmoid,
  hardswish: ({ emitter, inputs, made }) => emitter.operator('HARD_SWISH', {}, inputs, made),
};

/** Neither is the asymmetric convention. */
const conventions: Record<ResizeConvention, { alignCorners: boolean; halfPixelCenters: boolean }> = {
  'half-pixel': { alignCorners: false, halfPixelCenters: true },
  'align-corners': { alignCorners: true, halfPixelCenters: false },
  asymmetric: { alignCorners: false, halfPixelCenters: false },
};

function resizeBilinear(op: OpOf<'resize_bilinear'>, { emitter, inputs, ports, made }: Step): number {
  const [, height, width] = made.shape;
  if (ports[0].shape[1] === height && ports[0].shape[2] === width) return inputs[0];
  const version = versions.RESIZE_BILINEAR[op.convention === 'half-pixel' ? 'halfPixel' : 'plain'];
  const operands = [inputs[0], emitter.int32([height, width])];
  return emitter.operator('RESIZE_BILINEAR', conventions[op.convention], operands, made, version);
}

/** Every operator as TensorFlow Lite's; the number of the tensor that holds its value. */
export const lowerings: OpTable<[Step], number> = {
  conv2d: (op, step) => convolution('CONV_2D', op, step.weight('kernel', ['HWIO', 'OHWI']), step),
  depthwise_conv2d: (op, step) =>
    convolution('DEPTHWISE_CONV_2D', op, step.weight('kernel', ['HWC', '1HWC']), step),
  batch_norm(_op, { emitter, inputs, made, affine }) {
    const part: Made = { ...made, name: `${made.name}/scaled` };
    const scaled = emitter.operator('MUL', noActivation, [inputs[0], affine('scale')], part);
    return emitter.operator('ADD', noActivation, [scaled, affine('shift')], made);
  },
  activation: (op, step) => activations[op.function](step),
  pool,
  global_average_pool: (op, { emitter, inputs, made }) =>
    emitter.operator('MEAN', { keepDims: !op.flatten }, [inputs[0], emitter.int32([1, 2])], made),
  adaptive_average_pool: adaptiveAveragePool,
  add: (_op, { emitter, inputs, made, fused }) =>
    emitter.operator('ADD', { fusedActivationFunction: fused }, inputs, made),
  multiply: (_op, { emitter, inputs, made, fused }) =>
    emitter.operator('MUL', { fusedActivationFunction: fused }, inputs, made),
  scale: (op, { emitter, inputs, made }) =>
    emitter.operator('MUL', noActivation, [inputs[0], emitter.floats([op.factor])], made),
  concat: (_op, { emitter, inputs, made }) =>
    emitter.operator('CONCATENATION', { axis: made.shape.length - 1 }, inputs, made),
  resize_bilinear: resizeBilinear,
  dense(op, step) {
    const { emitter, inputs, made, fused, weight } = step;
    const kernel = weight('kernel', ['IO', 'OI']);
    return emitter.operator(
      'FULLY_CONNECTED',
      { fusedActivationFunction: fused, ...(kernel.isInt8 && { asymmetricQuantizeInputs: true }) },
      [inputs[0], kernel.tensor, biasOf(op, op.units, step)],
      made,
      versions.FULLY_CONNECTED[kernel.isInt8 ? 'int8' : 'plain'],
    );
  },
  softmax: (_op, { emitter, inputs, made }) => emitter.operator('SOFTMAX', { beta: 1 }, inputs, made),
  arg_max(_op, { emitter, inputs: [x], ports, made }) {
    const axis = emitter.int32([ports[0].shape.length - 1], []);
    const best: Made = { ...made, type: 'int32', name: `${made.name}/int32` };
    const output = made.type === 'int32' ? made : best;
    const found = emitter.operator('ARG_MAX', { outputType: tensorTypes.int32 }, [x, axis], output);
    if (output === made) return found;
    const types = { inDataType: tensorTypes.int32, outDataType: tensorTypes[made.type ?? 'float32'] };
    return emitter.operator('CAST', types, [found], made);
  },
};
