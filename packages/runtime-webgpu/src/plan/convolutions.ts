import type { OpOf } from '@atrous/graph';
import { type Fused, isPointwise } from '@atrous/graph/lowering';
import { boundsOf, codeOf } from '../kernels/activation.ts';
import { depthwise, depthwiseGroups } from '../kernels/depthwise.ts';
import { groupsFor } from '../kernels/kernel.ts';
import { product } from '../kernels/product.ts';
import { productInt8 } from '../kernels/product_int8.ts';
import { lanes, rowsEach, type SumsOptions, type SumsParam, sumsGroups, tileFor } from '../kernels/sums.ts';
import { type ColumnRange, columnRanges, packing, padded } from '../weights.ts';
import type { Joined } from './join.ts';
import type { Sizes, View } from './sizes.ts';
import {
  type Context,
  multiplyAddsOf,
  type RowRange,
  type Step,
  step,
  value,
  vectorSlot,
  vectors,
  type WindowOp,
  windowParams,
  windowRows,
} from './step.ts';

const noWindow = {
  height: 0,
  width: 0,
  kernelHeight: 0,
  kernelWidth: 0,
  strideY: 0,
  strideX: 0,
  rateY: 0,
  rateX: 0,
  top: 0,
  left: 0,
};
const noPool = {
  poolHeight: 0,
  poolWidth: 0,
  poolKernelHeight: 0,
  poolKernelWidth: 0,
  poolStrideY: 0,
  poolStrideX: 0,
  poolTop: 0,
  poolLeft: 0,
};

/** A dispatch holds no more multiply-adds than this, so that a slow GPU has its pauses. */
const mostMultiplyAdds = 2 ** 30;

/** The window of a convolution that stands in a kernel, and its rate. */
function filterParams(node: string, from: View, to: View, { opOf }: Sizes) {
  const op = opOf(node) as OpOf<'conv2d' | 'depthwise_conv2d'>;
  return { ...windowParams(op, from, to), rateY: op.dilation[0], rateX: op.dilation[1] };
}

function poolParams({ node, input }: Fused, to: View, { opOf, viewOf }: Sizes) {
  const window = windowParams(opOf(node.name) as OpOf<'pool'>, viewOf(input), to);
  return {
    poolHeight: window.height,
    poolWidth: window.width,
    poolKernelHeight: window.kernelHeight,
    poolKernelWidth: window.kernelWidth,
    poolStrideY: window.strideY,
    poolStrideX: window.strideX,
    poolTop: window.top,
    poolLeft: window.left,
  };
}

/** Workgroups that keep a device busy: one with subgroups of four lanes is a CPU. */
const fewestGroups = { narrow: 8, wide: 256 };

/** Tiles of columns that a workgroup does one after the other, so that what it made of rows serves them all: as many as leave work for all. */
function tilesFor(rows: number, columns: number, tile: number, threads: number): number {
  const blocks = groupsFor(columns, threads * tile);
  const along = Math.min(
    blocks,
    groupsFor(threads < lanes ? fewestGroups.narrow : fewestGroups.wide, groupsFor(rows, rowsEach)),
  );
  return groupsFor(blocks, along);
}

/** Convolutions and dense layers as matrix products: a step, or several where the weights are more than a buffer holds. */
export function productStep(op: OpOf<'conv2d'> | OpOf<'dense'>, one: Joined, context: Context): Step[] {
  const { node, input, output } = one;
  const taps = op.kind === 'conv2d' ? op.kernel[0] * op.kernel[1] : 1;
  const vectors = (taps * padded(context.channelsOf(input))) / 4;
  const columns = padded(context.channelsOf(output));
  const compute = context.computeOf(node.name);
  return columnRanges(node.name, columns, vectors, compute, context.mostBytes).map((range) =>
    columnsStep(op, one, context, { ...range, whole: columns, vectors }),
  );
}

const unionOf = (a: RowRange, b: RowRange): RowRange => {
  return { begin: Math.min(a.begin, b.begin), end: Math.max(a.end, b.end) };
};

/** Numbers of a value before those of the first pixel of `to`: a band of it may begin earlier. */
const rowsBefore = ({ row, width, stride }: View, to: View): number => (to.row - row) * width * stride;

/** A product of some columns. @param range of how many columns in all, and with how many vectors of weights each */
function columnsStep(
  op: OpOf<'conv2d'> | OpOf<'dense'>,
  one: Joined,
  { sharing, computeOf }: Context,
  range: ColumnRange & { readonly whole: number; readonly vectors: number },
): Step {
  const { node, input, residual, activation, output, depthwise: before, pool } = one;
  const columns = range.end - range.begin;
  const tile = tileFor(columns);
  const isDirect = op.kind === 'dense' || isPointwise(node);
  const rows = before
    ? { rectify: before.rectify, activation: codeOf(before.activation) }
    : isDirect
      ? 'pixels'
      : 'patches';
  const compute = computeOf(node.name);
  /** Whether a workgroup makes its rows first, for all of its columns. */
  const isMade = before !== undefined || compute === 'int8';
  const threads = isMade ? sharing : lanes;
  const sums: Omit<SumsOptions, 'compute'> = {
    residual: pool ? 'max pool' : residual === undefined ? 'none' : 'value',
    activation: codeOf(activation),
    tile,
    threads,
  };
  const added = pool?.input ?? residual;
  /** The convolution whose window rows are read under. */
  const filter = before?.node.name ?? (isDirect ? undefined : node.name);
  const between = boundsOf(before?.activation ?? 'none');
  const share = columns / range.whole;
  const own = multiplyAddsOf(one);
  return step({
    name: node.name,
    kernel:
      compute === 'int8'
        ? productInt8({ ...sums, rows: isDirect ? 'pixels' : 'patches' })
        : product({ ...sums, rows, compute }),
    reads: [
      value(input),
      ...(before ? [{ weights: before.node.name }] : []),
      { weights: range.name },
      ...(added === undefined ? [] : [value(added)]),
    ],
    output,
    // Pixels are read as they lie: not where a window needs others of the same value, too.
    ...(!(filter === undefined && pool?.input === input) && {
      rowsOf: (sizes, name, rows) => {
        const under = (op: string) => windowRows(sizes.opOf(op) as WindowOp, sizes.viewOf(name), rows);
        const asInput = name === input ? (filter === undefined ? rows : under(filter)) : undefined;
        const asAdded = name === added ? (pool ? under(pool.node.name) : rows) : undefined;
        return unionOf(asInput ?? asAdded!, asAdded ?? asInput!);
      },
    }),
    multiplyAdds: (sizes) => own(sizes) * share + (before ? multiplyAddsOf(before)(sizes) : 0),
    dispatches: (sizes) => {
      const [from, to] = [sizes.viewOf(input), sizes.viewOf(output)];
      const pixels = to.batch * to.height * to.width;
      const common: Omit<Record<SumsParam, number>, 'begin' | 'rows' | 'tiles'> = {
        ...noWindow,
        ...noPool,
        ...boundsOf(activation),
        betweenLeast: between.least,
        betweenMost: between.most,
        depth: padded(from.channels) / 4,
        channels: from.channels,
        columns,
        bias: range.vectors * columns * packing[compute].rows,
        nothing: 0,
        outputStride: to.stride,
        outputOffset: to.offset + range.begin,
        addedStride: range.whole,
        addedOffset: range.begin + (added === undefined || pool ? 0 : rowsBefore(sizes.viewOf(added), to)),
        outHeight: to.height,
        outWidth: to.width,
        ...(filter !== undefined && filterParams(filter, from, to, sizes)),
        ...(pool && poolParams(pool, to, sizes)),
      };
      const perRow = 4 * range.vectors * columns;
      const piece = Math.max(1, Math.floor(mostMultiplyAdds / perRow / rowsEach)) * rowsEach;
      return Array.from({ length: Math.ceil(pixels / piece) }, (_, i) => {
        const begin = i * piece;
        const end = Math.min(pixels, begin + piece);
        const tiles = isMade ? tilesFor(end - begin, columns, tile, threads) : 1;
        return {
          params: { begin, rows: end, tiles, ...common },
          groups: sumsGroups(end - begin, columns, { tile, threads }, tiles),
        };
      });
    },
  });
}

/** A filter per channel. */
export function depthwiseStep(_op: unknown, one: Fused): Step[] {
  const { node, input, output, rectify, activation } = one;
  return [
    step({
      name: node.name,
      kernel: depthwise({ rectify, activation: codeOf(activation) }),
      reads: [value(input), { weights: node.name }],
      output,
      rowsOf: ({ viewOf, opOf }, _value, rows) =>
        windowRows(opOf(node.name) as WindowOp, viewOf(input), rows),
      multiplyAdds: multiplyAddsOf(one),
      dispatches: (sizes) => {
        const [from, to] = [sizes.viewOf(input), sizes.viewOf(output)];
        const channels = vectors(to);
        return [
          {
            params: {
              channels,
              ...filterParams(node.name, from, to, sizes),
              ...vectorSlot(to),
              ...boundsOf(activation),
            },
            groups: depthwiseGroups(channels, to.width, to.batch * to.height),
          },
        ];
      },
    }),
  ];
}
