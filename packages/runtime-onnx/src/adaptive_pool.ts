import { adaptiveParts, adaptiveWindow, type OpOf } from '@atrous/graph';
import type { Emitter } from './emitter.ts';
import type { LoweringContext } from './lowering_context.ts';

/** ONNX's number of float32. */
const float32 = 1;

/** An axis that is divided into parts: its number in NCHW, and its size where it is known. */
interface Axis {
  readonly index: 2 | 3;
  readonly extent: number | null;
  /** Or the least number of them. */
  readonly parts: number;
  readonly atLeast?: boolean;
}

/**
 * Adaptive pooling, which ONNX has not: `rows · x · columns` with matrices of means. Where sizes are known, they are
 * constants, or an ordinary pool does it; else they are arithmetic on the shape.
 */
export function adaptiveAveragePool(op: OpOf<'adaptive_average_pool'>, context: LoweringContext): void {
  const { emitter, inputs, ports, value } = context;
  const [, height, width] = ports[0].shape;
  const rows: Axis = axisOf(op, 2, op.height, height);
  const columns: Axis = axisOf(op, 3, op.width, width);
  const [down, right] = [rows, columns].map(evenStep);
  if (down === 1 && right === 1) {
    emitter.node('Identity', inputs, value);
    return;
  }
  if (down && right) {
    const window = { kernel_shape: [down, right], strides: [down, right], pads: [0, 0, 0, 0] };
    emitter.node('AveragePool', inputs, value, window);
    return;
  }
  // The columns first: a product of two matrices. Then the rows, for each picture and channel.
  const across = meansAlong(emitter, columns, inputs[0], `${value}/columns`);
  const narrow = emitter.node('MatMul', [inputs[0], across], `${value}/narrow`);
  emitter.node('MatMul', [meansAlong(emitter, rows, inputs[0], `${value}/rows`), narrow], value);
}

/** Where the extent is known, so is the number of parts. */
const axisOf = (
  { atLeast }: OpOf<'adaptive_average_pool'>,
  index: Axis['index'],
  size: number,
  extent: number | null,
): Axis =>
  extent === null
    ? { index, extent, parts: size, atLeast }
    : { index, extent, parts: adaptiveParts({ atLeast }, size, extent) };

/** How long each part is, where all are of one length and side by side. */
const evenStep = ({ extent, parts }: Axis): number | undefined =>
  extent !== null && extent % parts === 0 ? extent / parts : undefined;

/** The matrix that takes the means of parts: [parts, height] for rows, [width, parts] for columns. */
function meansAlong(emitter: Emitter, axis: Axis, input: string, value: string): string {
  return axis.extent === null
    ? computedMeans(emitter, axis, input, value)
    : knownMeans(emitter, axis, axis.extent);
}

/** A matrix over parts and positions, turned for columns. */
const oriented = <T>({ index }: Axis, parts: T, positions: T): [T, T] =>
  index === 2 ? [parts, positions] : [positions, parts];

function knownMeans(emitter: Emitter, axis: Axis, extent: number): string {
  const [height, width] = oriented(axis, axis.parts, extent);
  const values = Array.from({ length: height * width }, (_, i) => {
    const [part, position] = oriented(axis, Math.floor(i / width), i % width);
    const [begin, end] = adaptiveWindow(part, extent, axis.parts);
    return position >= begin && position < end ? 1 / (end - begin) : 0;
  });
  return emitter.floats([height, width], values);
}

/**
 * The same for an extent that is known when it runs, in whole numbers: position j lies in part i of n where
 * (j + 1)·n > i·extent and j·n < (i + 1)·extent.
 */
function computedMeans(emitter: Emitter, axis: Axis, input: string, value: string): string {
  const { index } = axis;
  const at = (step: string) => `${value}/${step}`;
  const node = (kind: string, inputs: readonly string[], step: string) =>
    emitter.node(kind, inputs, at(step));
  /** 0, 1, … below a number, along one axis of the matrix. */
  const counted = (end: string, shape: readonly number[], step: string) => {
    const line = node('Range', [emitter.float(0), end, emitter.float(1)], `${step}/line`);
    return node('Reshape', [line, emitter.int64(shape)], step);
  };
  const shape = node('Shape', [input], 'shape');
  const size = node('Slice', [shape, emitter.int64([index]), emitter.int64([index + 1])], 'size');
  const extent = node('Squeeze', [emitter.node('Cast', [size], at('float'), { to: float32 })], 'extent');
  const least = emitter.float(axis.parts);
  const parts = axis.atLeast ? node('Max', [least, extent], 'parts') : least;
  const positions = counted(extent, oriented(axis, 1, -1), 'positions');
  const scaled = node('Mul', [positions, parts], 'scaled');
  const begins = node('Mul', [counted(parts, oriented(axis, -1, 1), 'numbers'), extent], 'begins');
  const ends = node('Add', [begins, extent], 'ends');
  const fromBegin = node('Sub', [node('Add', [scaled, parts], 'next'), begins], 'from_begin');
  const toEnd = node('Sub', [ends, scaled], 'to_end');
  const inside = node(
    'Clip',
    [node('Min', [fromBegin, toEnd], 'nearest'), emitter.float(0), emitter.float(1)],
    'inside',
  );
  const alongPositions = emitter.int64([index === 2 ? 1 : 0]);
  const lengths = emitter.node('ReduceSum', [inside, alongPositions], at('lengths'), { keepdims: 1 });
  return node('Div', [inside, lengths], 'means');
}
