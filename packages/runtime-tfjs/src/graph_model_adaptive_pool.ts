import type { OpOf } from '@atrous/graph';
import { attr, type GraphEmitter } from './graph_model_nodes.ts';
import type { Step } from './graph_model_operators.ts';

/** An axis of NHWC that is divided into parts. */
interface Axis {
  readonly index: 1 | 2;
  readonly parts: number;
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
  const rows = meansAlong(emit, { index: 1, parts: op.height }, x, `${name}/rows`);
  const columns = meansAlong(emit, { index: 2, parts: op.width }, x, `${name}/columns`);
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
function meansAlong(emit: GraphEmitter, { index, parts }: Axis, x: string, name: string): string {
  const at = (part: string) => `${name}/${part}`;
  const node = (
    kind: string,
    inputs: readonly string[],
    own: string,
    attributes: Record<string, unknown> = attr.float,
  ) => emit.node(at(own), kind, inputs, attributes);
  const integers = { T: { type: 'DT_INT32' } };
  const shape = node('Shape', [x], 'shape');
  const begin = emit.constant(at('begin'), [index]);
  const size = node('Slice', [shape, begin, emit.constant(at('one'), [1])], 'size', integers);
  const zero = emit.constant(at('zero'), [0], []);
  const line = node('Range', [zero, size, emit.constant(at('step'), [1], [])], 'line', {
    Tidx: { type: 'DT_INT32' },
  });
  const asFloat = (input: string, own: string) =>
    node('Cast', [input], own, { SrcT: { type: 'DT_INT32' }, DstT: { type: 'DT_FLOAT' } });
  const extent = asFloat(size, 'extent');
  const positions = asFloat(line, 'positions');
  const numbers = (own: string, first: number) =>
    emit.floats(
      at(own),
      Array.from({ length: parts }, (_, part) => part + first),
      [parts, 1],
    );
  const count = emit.floats(at('parts'), [parts]);
  const scaled = node('Mul', [positions, count], 'scaled');
  const begins = node('Mul', [numbers('first', 0), extent], 'begins');
  const ends = node('Mul', [numbers('next_part', 1), extent], 'ends');
  const fromBegin = node('Sub', [node('AddV2', [scaled, count], 'next'), begins], 'from_begin');
  const toEnd = node('Sub', [ends, scaled], 'to_end');
  const nearest = node('Relu', [node('Minimum', [fromBegin, toEnd], 'nearest')], 'positive');
  const inside = node('Minimum', [nearest, emit.floats(at('unit'), [1])], 'inside');
  const lengths = node('Sum', [inside, emit.constant(at('axis'), [1])], 'lengths', {
    ...attr.float,
    keep_dims: attr.flag(true),
  });
  return node('RealDiv', [inside, lengths], 'means');
}
