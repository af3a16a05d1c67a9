import type { OpOf } from '@atrous/graph';
import { attr, type GraphEmitter } from './graph_model_nodes.ts';
import type { Step } from './graph_model_step.ts';

/** An axis of NHWC that is divided into parts. */
interface Axis {
  readonly index: 1 | 2;
  /** Or the least number of them. */
  readonly parts: number;
  readonly atLeast: boolean;
}

/**
 * Adaptive pooling, which TensorFlow.js has not, of any size: matrices of means along both axes, made from the shape. NHWC is
 * turned so that each axis in turn is the last one but one.
 */
export function adaptiveAveragePool(op: OpOf<'adaptive_average_pool'>, step: Step): string {
  const {
    emit,
    name,
    inputs: [x],
  } = step;
  const { atLeast = false } = op;
  const rows = meansAlong(emit, { index: 1, parts: op.height, atLeast }, x, `${name}/rows`);
  const columns = meansAlong(emit, { index: 2, parts: op.width, atLeast }, x, `${name}/columns`);
  const turned = (own: string, input: string, axes: readonly number[]) =>
    emit.node(own, 'Transpose', [input, emit.constant(`${own}/axes`, axes)], attr.float);
  const product = (own: string, a: string, b: string) =>
    emit.node(own, 'BatchMatMulV2', [a, b], {
      ...attr.float,
      adj_x: attr.flag(false),
      adj_y: attr.flag(false),
    });
  const narrow = product(`${name}/narrow`, columns, x); // [parts, W] · [N,H,W,C]
  const across = product(`${name}/low`, rows, turned(`${name}/turned`, narrow, [0, 2, 1, 3]));
  return turned(name, across, [0, 2, 1, 3]);
}

/**
 * The matrix [parts, extent] of means along an axis, in whole numbers: position j lies in part i of n where
 * (j + 1)·n > i·extent and j·n < (i + 1)·extent.
 */
function meansAlong(emit: GraphEmitter, axis: Axis, x: string, name: string): string {
  const at = (part: string) => `${name}/${part}`;
  const node = (
    kind: string,
    inputs: readonly string[],
    own: string,
    attributes: Record<string, unknown> = attr.float,
  ) => emit.node(at(own), kind, inputs, attributes);
  const zero = emit.floats(at('zero'), [0]);
  const unit = emit.floats(at('unit'), [1]);
  /** 0, 1, … below a number. */
  const counted = (end: string, own: string) =>
    node('Range', [zero, end, unit], own, { Tidx: { type: 'DT_FLOAT' } });
  const shape = node('Shape', [x], 'shape');
  const begin = emit.constant(at('begin'), [axis.index]);
  const size = node('Slice', [shape, begin, emit.constant(at('one'), [1])], 'size', {
    T: { type: 'DT_INT32' },
  });
  const extent = node('Cast', [size], 'extent', { SrcT: { type: 'DT_INT32' }, DstT: { type: 'DT_FLOAT' } });
  const least = emit.floats(at('least'), [axis.parts]);
  const parts = axis.atLeast ? node('Maximum', [least, extent], 'parts') : least;
  const scaled = node('Mul', [counted(extent, 'positions'), parts], 'scaled');
  const numbers = node(
    'ExpandDims',
    [counted(parts, 'line'), emit.constant(at('across'), [1], [])],
    'numbers',
  );
  const begins = node('Mul', [numbers, extent], 'begins');
  const ends = node('AddV2', [begins, extent], 'ends');
  const fromBegin = node('Sub', [node('AddV2', [scaled, parts], 'next'), begins], 'from_begin');
  const toEnd = node('Sub', [ends, scaled], 'to_end');
  const nearest = node('Relu', [node('Minimum', [fromBegin, toEnd], 'nearest')], 'positive');
  const inside = node('Minimum', [nearest, unit], 'inside');
  const lengths = node('Sum', [inside, emit.constant(at('axis'), [1])], 'lengths', {
    ...attr.float,
    keep_dims: attr.flag(true),
  });
  return node('RealDiv', [inside, lengths], 'means');
}
