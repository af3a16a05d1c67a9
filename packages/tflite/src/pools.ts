import { adaptiveWindow, countTaps, type OpOf } from '@atrous/graph';
import type { Made } from './emitter.ts';
import type { Step } from './lowerings.ts';
import { paddings } from './schema.ts';
import { padded } from './windows.ts';

/** Largest or mean value under a window. */
export function pool(op: OpOf<'pool'>, step: Step): number {
  const { emitter, ports, made, isNonNegative } = step;
  const isMax = op.function === 'max';
  const window = { ...op, dilation: [1, 1] as const };
  const from: Made = { name: made.name, shape: ports[0].shape };
  const { input, padding, isPadded } = padded(emitter, window, step.inputs[0], from, {
    fill: isMax && !isNonNegative ? 'least' : 'zero',
    isCounted: !isMax && op.countPadding,
  });
  const slide = (output: Made) =>
    emitter.operator(
      isMax ? 'MAX_POOL_2D' : 'AVERAGE_POOL_2D',
      {
        padding,
        strideH: op.stride[0],
        strideW: op.stride[1],
        filterHeight: op.kernel[0],
        filterWidth: op.kernel[1],
      },
      [input],
      output,
    );
  if (isMax || op.countPadding || !isPadded) return slide(made);
  // The mean of what is no padding is the mean of all, over the share that is none.
  const { rows, columns } = countTaps(op, ports[0].shape[1], ports[0].shape[2]);
  const taps = op.kernel[0] * op.kernel[1];
  const factors = rows.flatMap((row) => columns.map((column) => taps / (row * column)));
  const mean = slide({ ...made, name: `${made.name}/mean` });
  const factor = emitter.floats(factors, [1, rows.length, columns.length, 1]);
  return emitter.operator('MUL', { fusedActivationFunction: 0 }, [mean, factor], made);
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
 * matrices of means, along rows and along columns.
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
  const named = (part: string, shape: readonly number[]): Made => ({ name: `${made.name}/${part}`, shape });
  const reshaped = (input: number, output: Made) =>
    emitter.operator('RESHAPE', { newShape: output.shape }, [input, emitter.int32(output.shape)], output);
  /** `means · x` for each of the first axis of x [count, extent, inner]. */
  const product = (input: number, extent: number, output: Made) => {
    const parts = output.shape[1];
    const means = emitter.floats(meansMatrix(extent, parts), [1, parts, extent]);
    return emitter.operator('BATCH_MATMUL', {}, [means, input], output);
  };
  const rows = reshaped(inputs[0], named('rows', [batch, height, width * channels]));
  const lower = product(rows, height, named('lower', [batch, tall, width * channels]));
  const columns = reshaped(lower, named('columns', [batch * tall, width, channels]));
  return reshaped(product(columns, width, named('narrower', [batch * tall, wide, channels])), made);
}
