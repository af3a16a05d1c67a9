import { adaptiveWindow, countTaps, type OpOf } from '@atrous/graph';
import { boundPadding } from '@atrous/graph/lowering';
import type { Made } from './emitter.ts';
import { paddings } from './schema.ts';
import type { Step } from './step.ts';
import { padded } from './windows.ts';

/** Largest or mean value under a window. */
export function pool(op: OpOf<'pool'>, step: Step): number {
  const { emitter, ports, made, isNonNegative } = step;
  const isMax = op.function === 'max';
  const window = { ...op, dilation: [1, 1] as const };
  const from: Made = { name: made.name, shape: ports[0].shape };
  const fill = isMax && !isNonNegative ? 'least' : 'zero';
  const { input, padding, isPadded } = padded(emitter, window, step.inputs[0], from, fill);
  const slid = { padding, strideH: op.stride[0], strideW: op.stride[1] };
  const counts = op.countPadding && boundPadding(op.padding).some((pad) => pad > 0);
  if (isMax || !(isPadded || counts)) {
    const options = { ...slid, filterHeight: op.kernel[0], filterWidth: op.kernel[1] };
    return emitter.operator(isMax ? 'MAX_POOL_2D' : 'AVERAGE_POOL_2D', options, [input], made);
  }
  // A convolution with equal weights: TensorFlow Lite's means leave padding out, on GPUs (LiteRT 2.5) also what PAD has put there.
  const [taps, channels] = [op.kernel[0] * op.kernel[1], made.shape[3]];
  const kernel = emitter.floats(new Float32Array(taps * channels).fill(1 / taps), [
    1,
    ...op.kernel,
    channels,
  ]);
  const operands = [input, kernel, emitter.floats(new Float32Array(channels))];
  const mean = (output: Made) =>
    emitter.operator('DEPTHWISE_CONV_2D', { ...slid, depthMultiplier: 1 }, operands, output);
  if (op.countPadding) return mean(made);
  // The mean of what is no padding is the mean of all, over the share that is none.
  const { rows, columns } = countTaps(op, ports[0].shape[1], ports[0].shape[2]);
  const factors = rows.flatMap((row) => columns.map((column) => taps / (row * column)));
  const factor = emitter.floats(factors, [1, rows.length, columns.length, 1]);
  const all = mean({ ...made, name: `${made.name}/mean` });
  return emitter.operator('MUL', { fusedActivationFunction: 0 }, [all, factor], made);
}

/** Means of the parts of an axis as a matrix [parts, extent]. */
function meansMatrix(extent: number, parts: number): Float32Array {
  const matrix = new Float32Array(parts * extent);
  for (let part = 0; part < parts; part++) {
    const [begin, end] = adaptiveWindow(part, extent, parts);
    matrix.fill(1 / (end - begin), part * extent + begin, part * extent + end);
  }
  return matrix;
}

/**
 * Adaptive pooling, which TensorFlow Lite has not: an ordinary pool where all parts are of one length, else products with
 * matrices of means, along rows and along columns: convolutions of 1×1 where the axis is turned to stand for the channels.
 */
export function adaptiveAveragePool(op: OpOf<'adaptive_average_pool'>, step: Step): number {
  const { emitter, inputs, ports, made } = step;
  const [batch, height, width, channels] = ports[0].shape;
  const [tall, wide] = [op.height, op.width];
  if (height === tall && width === wide) return inputs[0];
  if (height % tall === 0 && width % wide === 0) {
    const [down, across] = [height / tall, width / wide];
    const window = { strideH: down, strideW: across, filterHeight: down, filterWidth: across };
    return emitter.operator('AVERAGE_POOL_2D', { padding: paddings.valid, ...window }, inputs, made);
  }
  const named = (part: string, ...shape: readonly number[]): Made => ({
    name: `${made.name}/${part}`,
    shape,
  });
  const turned = (input: number, axes: readonly number[], output: Made) =>
    emitter.operator('TRANSPOSE', {}, [input, emitter.int32(axes)], output);
  const means = (input: number, extent: number, output: Made) => {
    const parts = output.shape[3];
    const kernel = emitter.floats(meansMatrix(extent, parts), [parts, 1, 1, extent]);
    const options = { padding: paddings.valid, strideH: 1, strideW: 1 };
    const operands = [input, kernel, emitter.floats(new Float32Array(parts))];
    return emitter.operator('CONV_2D', options, operands, output);
  };
  const rows = turned(inputs[0], [0, 2, 3, 1], named('rows', batch, width, channels, height));
  const lower = means(rows, height, named('lower', batch, width, channels, tall));
  const columns = turned(lower, [0, 3, 2, 1], named('columns', batch, tall, channels, width));
  const narrower = means(columns, width, named('narrower', batch, tall, channels, wide));
  return turned(narrower, [0, 1, 3, 2], made);
}
