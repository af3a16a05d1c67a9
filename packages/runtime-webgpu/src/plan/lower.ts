import { type Graph, inferGraph, type OpOf, type OpTable, ruleOf } from '@atrous/graph';
import { boundPadding, dispatch, type Fused, fuse, inputsOf, isPointwise } from '@atrous/graph/lowering';
import { type BilinearTaps, bilinearTaps } from '@atrous/tensor';
import { depthwise, depthwiseGroups } from '../kernels/depthwise.ts';
import type { Kernel } from '../kernels/kernel.ts';
import {
  activationKernel,
  affine,
  argMax,
  copy,
  elementGroups,
  paired,
  rowGroups,
  softmax,
} from '../kernels/pixels.ts';
import { adaptivePool, globalGroups, globalPool, pixelGroups, pool } from '../kernels/pool.ts';
import { product, productGroups, rowsEach, tileFor } from '../kernels/product.ts';
import { resize } from '../kernels/resize.ts';
import { padded } from '../weights.ts';
import { findHomes, type Homes } from './homes.ts';
import type { Sizes, View } from './sizes.ts';

/** What a kernel reads: a value, a node's weights, or the tables of a resize. */
export type Source = { readonly value: string } | { readonly weights: string } | 'taps';

/** One run of a kernel for pictures of known sizes. */
export interface Dispatch {
  readonly params: Readonly<Record<string, number>>;
  readonly groups: readonly [number, number, number];
}

/** A step of a network, whatever the size of its pictures. */
export interface Step {
  readonly name: string;
  readonly kernel: Kernel;
  readonly reads: readonly Source[];
  /** The value that it writes, or a slice of. */
  readonly output: string;
  multiplyAdds(sizes: Sizes): number;
  /** Its dispatches, one after the other: more than one where there is much to do. */
  dispatches(sizes: Sizes): readonly Dispatch[];
  /** The tables of a resize. */
  taps?(sizes: Sizes): Int32Array;
}

/** A network as steps, and the values that are written straight into a concat. */
export interface Lowered {
  readonly graph: Graph;
  readonly steps: readonly Step[];
  readonly homes: Homes;
}

interface Context {
  readonly graph: Graph;
  readonly homes: Homes;
  /** Channels of a value. */
  channelsOf(value: string): number;
}

type StepOf<P extends string> = Omit<Step, 'kernel' | 'dispatches' | 'multiplyAdds'> & {
  readonly kernel: Kernel<P>;
  readonly multiplyAdds?: Step['multiplyAdds'];
  dispatches(
    sizes: Sizes,
  ): readonly { readonly params: Readonly<Record<P, number>>; readonly groups: Dispatch['groups'] }[];
};
/** A step whose parameters are those of its kernel. */
const step = <P extends string>(one: StepOf<P>): Step => ({ multiplyAdds: () => 0, ...one });

const multiplyAddsOf =
  ({ node }: Fused): Step['multiplyAdds'] =>
  ({ graph }) =>
    ruleOf(node.op).multiplyAdds(node.op, inputsOf(node, graph.specs), graph.specs.get(node.name)!);

const value = (name: string): Source => ({ value: name });
const slot = ({ stride, offset }: View) => ({ outputStride: stride, outputOffset: offset });
/** Most kernels count in vectors of four channels. */
const vectors = ({ channels }: View): number => padded(channels) / 4;
const vectorSlot = ({ stride, offset }: View) => ({ outputStride: stride / 4, outputOffset: offset / 4 });

/** The window of a bound operator, its parameters by the names of kernels. */
function windowParams(
  op: OpOf<'conv2d'> | OpOf<'depthwise_conv2d'> | OpOf<'pool'>,
  input: View,
  output: View,
) {
  const [top, , left] = boundPadding(op.padding);
  return {
    height: input.height,
    width: input.width,
    outHeight: output.height,
    outWidth: output.width,
    kernelHeight: op.kernel[0],
    kernelWidth: op.kernel[1],
    strideY: op.stride[0],
    strideX: op.stride[1],
    top,
    left,
  };
}

const noWindow = {
  height: 0,
  width: 0,
  outHeight: 0,
  outWidth: 0,
  kernelHeight: 0,
  kernelWidth: 0,
  strideY: 0,
  strideX: 0,
  rateY: 0,
  rateX: 0,
  top: 0,
  left: 0,
};

/** A dispatch holds no more multiply-adds than this, so that a slow GPU has its pauses. */
const mostMultiplyAdds = 2 ** 30;

function productStep(op: OpOf<'conv2d'> | OpOf<'dense'>, one: Fused, { channelsOf }: Context): Step[] {
  const { node, input, residual, activation, output } = one;
  const columns = padded(channelsOf(output));
  const tile = tileFor(columns);
  const isDirect = op.kind === 'dense' || isPointwise(node);
  return [
    step({
      name: node.name,
      kernel: product({ window: !isDirect, residual: residual !== undefined, activation, tile }),
      reads: [value(input), { weights: node.name }, ...(residual === undefined ? [] : [value(residual)])],
      output,
      multiplyAdds: multiplyAddsOf(one),
      dispatches: (sizes) => {
        const [from, to] = [sizes.viewOf(input), sizes.viewOf(output)];
        const bound = sizes.opOf(node.name) as typeof op;
        const rows = to.batch * to.height * to.width;
        const depth = padded(from.channels) / 4;
        const taps = op.kind === 'conv2d' ? op.kernel[0] * op.kernel[1] : 1;
        const window =
          bound.kind === 'dense' || isDirect
            ? noWindow
            : { ...windowParams(bound, from, to), rateY: bound.dilation[0], rateX: bound.dilation[1] };
        const common = { depth, columns, bias: 4 * depth * taps * columns, ...slot(to), ...window };
        const perRow = 4 * depth * taps * columns;
        const piece = Math.max(1, Math.floor(mostMultiplyAdds / perRow / rowsEach)) * rowsEach;
        return Array.from({ length: Math.ceil(rows / piece) }, (_, i) => {
          const begin = i * piece;
          const end = Math.min(rows, begin + piece);
          return {
            params: { begin, rows: end, ...common },
            groups: productGroups(end - begin, columns, tile),
          };
        });
      },
    }),
  ];
}

const pixelsOf = ({ batch, height, width }: View): number => batch * height * width;

/** What kernels over single pixels have in common. */
const elementsOf = (to: View) => ({ channels: vectors(to), pixels: pixelsOf(to), ...vectorSlot(to) });

const affineStep = (_op: unknown, { node, input, output, activation }: Fused): Step[] => [
  step({
    name: node.name,
    kernel: affine(activation),
    reads: [value(input), { weights: node.name }],
    output,
    dispatches: ({ viewOf }) => {
      const params = elementsOf(viewOf(output));
      return [{ params, groups: elementGroups(params.channels, params.pixels) }];
    },
  }),
];

const pairStep =
  (kind: 'add' | 'multiply') =>
  (_op: unknown, { node, input, output, activation }: Fused): Step[] => {
    const [, other] = node.inputs;
    return [
      step({
        name: node.name,
        kernel: paired(kind, activation),
        reads: [value(input), value(other)],
        output,
        dispatches: ({ viewOf }) => {
          const params = elementsOf(viewOf(output));
          const pixelsPerOther = params.pixels / pixelsOf(viewOf(other));
          return [
            { params: { ...params, pixelsPerOther }, groups: elementGroups(params.channels, params.pixels) },
          ];
        },
      }),
    ];
  };

/** Copies what is not written straight into the concat. */
function concatSteps({ node, output }: Fused, { channelsOf, homes }: Context): Step[] {
  const steps: Step[] = [];
  let before = 0;
  node.inputs.forEach((input, i) => {
    const held = channelsOf(input);
    const first = before;
    before += held;
    if (homes.get(input)?.owner === node.name) return;
    const isLast = i === node.inputs.length - 1;
    const channels = isLast ? padded(before) - first : held;
    steps.push(
      step({
        name: node.name,
        kernel: copy,
        reads: [value(input)],
        output,
        dispatches: ({ viewOf }) => {
          const to = viewOf(output);
          const pixels = pixelsOf(to);
          const params = { channels, pixels, held, inputStride: padded(held) };
          return [
            {
              params: { ...params, outputStride: to.stride, outputOffset: to.offset + first },
              groups: elementGroups(channels, pixels),
            },
          ];
        },
      }),
    );
  });
  return steps;
}

/** Kernels with a thread per channel and output pixel. */
const spatial = (from: View, to: View) => ({
  channels: vectors(to),
  height: from.height,
  width: from.width,
  outHeight: to.height,
  outWidth: to.width,
  ...vectorSlot(to),
});
const spatialGroups = (to: View) => pixelGroups(vectors(to), to.width, to.batch * to.height);

const poolKind = (op: OpOf<'pool'>) =>
  op.function === 'max' ? 'max' : op.countPadding ? 'mean with padding' : 'mean';

const lowerings: OpTable<[Fused, Context], Step[]> = {
  conv2d: productStep,
  dense: productStep,
  depthwise_conv2d: (_op, one) => {
    const { node, input, output, rectify, activation } = one;
    return [
      step({
        name: node.name,
        kernel: depthwise({ rectify, activation }),
        reads: [value(input), { weights: node.name }],
        output,
        multiplyAdds: multiplyAddsOf(one),
        dispatches: (sizes) => {
          const [from, to] = [sizes.viewOf(input), sizes.viewOf(output)];
          const op = sizes.opOf(node.name) as OpOf<'depthwise_conv2d'>;
          const channels = vectors(to);
          const [rateY, rateX] = op.dilation;
          return [
            {
              params: { channels, ...windowParams(op, from, to), rateY, rateX, ...vectorSlot(to) },
              groups: depthwiseGroups(channels, to.width, to.batch * to.height),
            },
          ];
        },
      }),
    ];
  },
  batch_norm: affineStep,
  scale: affineStep,
  activation: (op, { node, input, output }) => [
    step({
      name: node.name,
      kernel: activationKernel(op.function),
      reads: [value(input)],
      output,
      dispatches: ({ viewOf }) => {
        const params = elementsOf(viewOf(output));
        return [{ params, groups: elementGroups(params.channels, params.pixels) }];
      },
    }),
  ],
  add: pairStep('add'),
  multiply: pairStep('multiply'),
  pool: (op, { node, input, output }) => [
    step({
      name: node.name,
      kernel: pool(poolKind(op)),
      reads: [value(input)],
      output,
      dispatches: ({ viewOf, opOf }) => {
        const [from, to] = [viewOf(input), viewOf(output)];
        const window = windowParams(opOf(node.name) as OpOf<'pool'>, from, to);
        return [
          { params: { channels: vectors(to), ...window, ...vectorSlot(to) }, groups: spatialGroups(to) },
        ];
      },
    }),
  ],
  global_average_pool: (_op, { node, input, output }) => [
    step({
      name: node.name,
      kernel: globalPool,
      reads: [value(input)],
      output,
      dispatches: ({ viewOf }) => {
        const [from, to] = [viewOf(input), viewOf(output)];
        const channels = vectors(to);
        return [
          {
            params: { channels, pixels: from.height * from.width, ...vectorSlot(to) },
            groups: globalGroups(channels, from.batch),
          },
        ];
      },
    }),
  ],
  adaptive_average_pool: (_op, { node, input, output }) => [
    step({
      name: node.name,
      kernel: adaptivePool,
      reads: [value(input)],
      output,
      dispatches: ({ viewOf }) => {
        const [from, to] = [viewOf(input), viewOf(output)];
        return [{ params: spatial(from, to), groups: spatialGroups(to) }];
      },
    }),
  ],
  resize_bilinear: ({ convention }, { node, input, output }) => [
    step({
      name: node.name,
      kernel: resize,
      reads: [value(input), 'taps'],
      output,
      dispatches: ({ viewOf }) => {
        const [from, to] = [viewOf(input), viewOf(output)];
        return [{ params: spatial(from, to), groups: spatialGroups(to) }];
      },
      taps: ({ viewOf }) => {
        const [from, to] = [viewOf(input), viewOf(output)];
        return tapTables([
          bilinearTaps(convention, from.height, to.height),
          bilinearTaps(convention, from.width, to.width),
        ]);
      },
    }),
  ],
  softmax: (_op, { node, input, output }) => [
    step({
      name: node.name,
      kernel: softmax,
      reads: [value(input)],
      output,
      dispatches: ({ viewOf }) => {
        const to = viewOf(output);
        const [pixels, stride] = [pixelsOf(to), padded(to.channels)];
        return [
          { params: { pixels, channels: to.channels, stride, ...slot(to) }, groups: rowGroups(pixels) },
        ];
      },
    }),
  ],
  arg_max: (_op, { node, input, output }) => [
    step({
      name: node.name,
      kernel: argMax,
      reads: [value(input)],
      output,
      dispatches: ({ viewOf }) => {
        const from = viewOf(input);
        const pixels = pixelsOf(from);
        return [
          {
            params: { pixels, channels: from.channels, stride: padded(from.channels) },
            groups: rowGroups(pixels),
          },
        ];
      },
    }),
  ],
  concat: (_op, one, context) => concatSteps(one, context),
};

/** Tables of resizes as shaders read them: of each axis the lower and the upper samples, and the fractions' bits. */
export function tapTables(axes: readonly BilinearTaps[]): Int32Array<ArrayBuffer> {
  const parts = axes.flatMap(({ lower, upper, fraction }) => [
    lower,
    upper,
    new Int32Array(fraction.buffer, fraction.byteOffset, fraction.length),
  ]);
  const table = new Int32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    table.set(part, at);
    at += part.length;
  }
  return table;
}

/** The steps of a network whose batch norms are folded. */
export function lower(graph: Graph): Lowered {
  const fused = fuse(graph, { depthwiseFirst: false, pointwiseFirst: () => false });
  const ports = inferGraph(graph);
  const channelsOf = (name: string) => ports.get(name)!.shape.at(-1)!;
  const homes = findHomes(graph, fused, channelsOf);
  const context = { graph, homes, channelsOf };
  return { graph, homes, steps: fused.flatMap((one) => dispatch(lowerings, one.node.op, one, context)) };
}
