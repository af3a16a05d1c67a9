import { type BoundGraph, type Node, type Op, type OpOf, type OpTable, ruleOf } from '@atrous/graph';
import {
  boundPadding,
  dispatch,
  type EpilogueActivation,
  type Fused,
  inputsOf,
} from '@atrous/graph/lowering';
import type { TensorSpec } from '@atrous/tensor';
import { type PoolKind, padded, rowHeader, tileRows } from '../kernels.ts';
import type { WeightLayout } from '../weights.ts';
import { winogradBand } from '../winograd.ts';
import { pointwiseRows } from './pointwise_rows.ts';
import type { DepthwisePart, Int8Rows, ProductPart, Step, View, WindowShape } from './step.ts';

/** Where everything lies that steps read and write. */
export interface Context {
  readonly graph: BoundGraph;
  readonly weights: WeightLayout;
  readonly viewOf: (value: string) => View;
  /** Whether a value is written straight into this concat, at this channel. */
  readonly isInPlace: (value: string, concat: string, channel: number) => boolean;
  /** Offsets of a resize's tables. */
  readonly resizeTables: (node: string) => { readonly rows: number; readonly columns: number };
}

/** A shape as the kernels see it. */
export const extentsOf = ({ shape }: TensorSpec): Pick<View, 'batch' | 'height' | 'width' | 'channels'> => {
  const [batch, height, width] = shape.length === 4 ? shape : shape.length === 3 ? shape : [shape[0], 1, 1];
  return { batch, height, width, channels: shape.length === 3 ? 1 : shape[shape.length - 1] };
};

/** A band stays in the second-level cache beside a panel of weights. */
const bandBytes = 384 * 1024;
const bandRows = (rowBytes: number): number =>
  tileRows * Math.min(16, Math.max(4, Math.floor(bandBytes / rowBytes / tileRows)));

type Product = OpOf<'conv2d'> | OpOf<'dense'>;

const isProduct = (op: Op): op is Product => op.kind === 'conv2d' || op.kind === 'dense';

/** Whether pixels as they lie are the rows of the product. */
const isDirect = (op: Product): boolean =>
  op.kind === 'dense' ||
  ([...op.kernel, ...op.stride].every((extent) => extent === 1) &&
    boundPadding(op.padding).every((side) => side === 0));

/** Whether they are the same with some left out. */
const isStrided = (op: Product): boolean =>
  op.kind === 'conv2d' &&
  op.kernel.every((extent) => extent === 1) &&
  boundPadding(op.padding).every((side) => side === 0);

const inputsOfProduct = (node: Node, graph: BoundGraph): number =>
  padded(extentsOf(graph.specs.get(node.inputs[0])!).channels);
const outputsOfProduct = (op: Product): number => padded(op.kind === 'dense' ? op.units : op.channels);

/** The depth of a convolution's product. */
function depthOf(op: Product, node: Node, graph: BoundGraph): number {
  return inputsOfProduct(node, graph) * (op.kind === 'conv2d' ? op.kernel[0] * op.kernel[1] : 1);
}

/** Bytes of scratch per thread that a step needs: one band of rows, where rows are made or rounded first. */
export function bandBytesOf(one: Fused, graph: BoundGraph, weights: WeightLayout): number {
  const product = one.pointwise?.node ?? one.node;
  const int8 = isProduct(product.op) ? int8Rows(product.op, product, one, graph, weights) : undefined;
  if (int8) return int8.offset + int8.rows * int8.rowBytes;
  if (isProduct(product.op) && weights.winograd.has(product.name))
    return aligned(winogradBand(inputsOfProduct(product, graph), outputsOfProduct(product.op)).bytes);
  return floatBytesOf(one, graph, bandRows);
}

/** Of them, those of rows in float32. */
function floatBytesOf(
  { node, depthwise, pointwise }: Fused,
  graph: BoundGraph,
  rowsOf: (rowBytes: number) => number,
): number {
  const { op } = node;
  if (pointwise) return aligned(pointwiseRows(graph, pointwise.node, node).bytes);
  if (!isProduct(op) || (!depthwise && isStrided(op)) || op.kind === 'dense') return 0;
  const rowBytes = depthOf(op, node, graph) * 4;
  return aligned(rowsOf(rowBytes) * rowBytes);
}

/** What rows in float32 may take before they are rounded: four neighbours are made together. */
const madeBytes = 96 * 1024;
const madeRows = (rowBytes: number): number =>
  4 * Math.min(24, Math.max(2, Math.floor(madeBytes / rowBytes / 4)));

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** How the rows of a product in 8 bits lie in scratch; undefined where it is in float32. */
function int8Rows(
  op: Product,
  node: Node,
  one: Fused,
  graph: BoundGraph,
  { int8 }: WeightLayout,
): Int8Rows | undefined {
  if (!int8?.products.has(node.name)) return undefined;
  const k = depthOf(op, node, graph);
  const rowBytes = rowHeader + (k * 4) / int8.depth;
  return {
    offset: floatBytesOf(one, graph, madeRows),
    rowBytes,
    rows: bandRows(rowBytes),
    made: madeRows(k * 4),
    taps: op.kind === 'conv2d' ? op.kernel[0] * op.kernel[1] : 1,
    channels: extentsOf(graph.specs.get(node.inputs[0])!).channels,
  };
}

/** The matrix product of a node, whichever step it is part of. */
function productPart(
  op: Product,
  node: Node,
  one: Fused,
  activation: EpilogueActivation,
  { graph, weights }: Context,
): ProductPart {
  const { kernel, bias } = weights.offsets.get(node.name)!;
  const int8 = int8Rows(op, node, one, graph, weights);
  return {
    k: weights.winograd.has(node.name) ? inputsOfProduct(node, graph) : depthOf(op, node, graph),
    panels: outputsOfProduct(op) / 8,
    weights: kernel,
    bias,
    activation,
    ...(int8 && { int8 }),
  };
}

const windowOf = (
  op: OpOf<'conv2d'> | OpOf<'depthwise_conv2d'> | OpOf<'pool'>,
  rate: WindowShape['rate'],
): WindowShape => {
  const [top, , left] = boundPadding(op.padding);
  return { kernel: op.kernel, stride: op.stride, rate, top, left };
};

const multiplyAddsOf = (graph: BoundGraph, node: Node): number =>
  ruleOf(node.op).multiplyAdds(node.op, inputsOf(node, graph.specs), graph.specs.get(node.name)!);

/** What every step has. */
const common = ({ node, input, output }: Fused, { graph, viewOf }: Context) => ({
  name: node.name,
  multiplyAdds: multiplyAddsOf(graph, node),
  input: viewOf(input),
  output: viewOf(output),
});

const depthwisePart = (
  op: OpOf<'depthwise_conv2d'>,
  { node, activation, rectify }: Fused,
  { weights }: Context,
): DepthwisePart => {
  const { kernel, bias } = weights.offsets.get(node.name)!;
  return { window: windowOf(op, op.dilation), weights: kernel, bias, activation, rectify };
};

const sourceOf = (op: Product) => (isDirect(op) ? 'direct' : isStrided(op) ? 'strided' : 'patches');

function product(op: Product, one: Fused, context: Context): Step[] {
  const { node, depthwise, residual, activation } = one;
  const { graph, viewOf, weights } = context;
  const base = common(one, context);
  const before = depthwise && {
    op: depthwise.node.op as OpOf<'depthwise_conv2d'>,
    name: `${depthwise.node.name} + ${node.name.split('/').at(-1)}`,
    multiplyAdds: base.multiplyAdds + multiplyAddsOf(graph, depthwise.node),
  };
  const part = productPart(op, node, one, activation, context);
  const tiles = weights.winograd.has(node.name) && winogradBand(part.k, part.panels * 8).tiles;
  return [
    {
      ...base,
      ...(before && { name: before.name, multiplyAdds: before.multiplyAdds }),
      kind: 'matmul',
      source: depthwise ? 'depthwise' : tiles ? 'winograd' : sourceOf(op),
      ...(op.kind === 'conv2d' && { window: windowOf(op, op.dilation) }),
      ...(before && { depthwise: depthwisePart(before.op, depthwise, context) }),
      ...(residual !== undefined && { residual: viewOf(residual) }),
      ...part,
      band: tiles || (part.int8?.rows ?? bandRows(part.k * 4)),
    },
  ];
}

function depthwise(op: OpOf<'depthwise_conv2d'>, one: Fused, context: Context): Step[] {
  const step = {
    ...common(one, context),
    kind: 'depthwise',
    depthwise: depthwisePart(op, one, context),
  } as const;
  const { node, pointwise } = one;
  if (!pointwise) return [step];
  const { graph } = context;
  const before = pointwise.node.op as OpOf<'conv2d'>;
  return [
    {
      ...step,
      name: `${pointwise.node.name} + ${node.name.split('/').at(-1)}`,
      multiplyAdds: step.multiplyAdds + multiplyAddsOf(graph, pointwise.node),
      pointwise: {
        ...productPart(before, pointwise.node, one, pointwise.activation, context),
        rows: pointwiseRows(graph, pointwise.node, node).rows,
      },
    },
  ];
}

/** Copies what does not already lie in the concat's own memory. */
function concat({ node, output: value }: Fused, { viewOf, isInPlace }: Context): Step[] {
  const output = viewOf(value);
  const copies: Step[] = [];
  let before = 0;
  let isLastCopied = false;
  for (const part of node.inputs) {
    const input = viewOf(part);
    isLastCopied = !isInPlace(part, node.name, before); // the same value may come twice
    if (isLastCopied) {
      const slice = { ...output, offset: output.offset + before * 4, channels: input.channels };
      copies.push({ kind: 'copy', name: node.name, multiplyAdds: 0, input, output: slice });
    }
    before += input.channels;
  }
  // Copies leave the gap at the end of a pixel as it was: where the last piece is one, the gap is cleared first.
  if (before % 8 === 0 || !isLastCopied) return copies;
  const gap = { ...output, offset: output.offset + Math.floor(before / 8) * 32, channels: 8 };
  return [{ kind: 'zero', name: node.name, multiplyAdds: 0, output: gap }, ...copies];
}

/** A factor and a shift per channel. */
function affine(_op: Op, one: Fused, context: Context): Step[] {
  const { kernel, bias } = context.weights.offsets.get(one.node.name)!;
  const { activation } = one;
  return [{ ...common(one, context), kind: 'affine', scale: kernel, shift: bias, activation }];
}

/** Pixel by pixel with a second value. */
const paired =
  (kind: 'add' | 'multiply') =>
  (_op: Op, one: Fused, context: Context): Step[] => {
    const other = context.viewOf(one.node.inputs[1]);
    return [{ ...common(one, context), kind, other, activation: one.activation }];
  };

const poolKind = (op: OpOf<'pool'>): PoolKind =>
  op.function === 'max' ? 'max' : op.countPadding ? 'mean with padding' : 'mean';

const emitters: OpTable<[Fused, Context], Step[]> = {
  conv2d: product,
  dense: product,
  depthwise_conv2d: depthwise,
  batch_norm: affine,
  scale: affine,
  activation: (op, one, context) => [
    op.function === 'elu'
      ? { ...common(one, context), kind: 'elu' }
      : { ...common(one, context), kind: 'affine', scale: 0, shift: 0, activation: op.function },
  ],
  add: paired('add'),
  multiply: paired('multiply'),
  pool: (op, one, context) => [
    { ...common(one, context), kind: 'pool', window: windowOf(op, [1, 1]), pool: poolKind(op) },
  ],
  global_average_pool: (_op, one, context) => [{ ...common(one, context), kind: 'global_average' }],
  adaptive_average_pool: (_op, one, context) => [{ ...common(one, context), kind: 'adaptive_average' }],
  resize_bilinear: (_op, one, context) => [
    { ...common(one, context), kind: 'resize', ...context.resizeTables(one.node.name) },
  ],
  softmax: (_op, one, context) => {
    const { name, output } = common(one, context);
    return [
      { kind: 'zero', name, multiplyAdds: 0, output },
      { ...common(one, context), kind: 'softmax' },
    ];
  },
  arg_max: (_op, one, context) => [{ ...common(one, context), kind: 'arg_max' }],
  concat: (_op, one, context) => concat(one, context),
};

/** The steps of a node and of what is fused into it. */
export const emit = (one: Fused, context: Context): Step[] => dispatch(emitters, one.node.op, one, context);
