import { type Compute, type Graph, inferGraph, int8Products, type OpOf, type OpTable } from '@atrous/graph';
import { dispatch, type Fused, findHomes } from '@atrous/graph/lowering';
import { bilinearTaps } from '@atrous/tensor';
import type { Host } from '../host.ts';
import { boundsOf, codeOf } from '../kernels/activation.ts';
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
import { resize } from '../kernels/resize.ts';
import { lanes } from '../kernels/sums.ts';
import { padded } from '../weights.ts';
import { depthwiseStep, productStep } from './convolutions.ts';
import { type Joined, join } from './join.ts';
import type { View } from './sizes.ts';
import {
  type Context,
  type Lowered,
  pixelsOf,
  type Step,
  sameRows,
  slot,
  step,
  value,
  vectorSlot,
  vectors,
  type WindowOp,
  windowParams,
  windowRows,
} from './step.ts';
import { partOfTaps, tapTables } from './taps.ts';

/** What kernels over single pixels have in common. */
const elementsOf = (to: View) => ({ channels: vectors(to), pixels: pixelsOf(to), ...vectorSlot(to) });

const affineStep = (_op: unknown, { node, input, output, activation }: Fused): Step[] => [
  step({
    name: node.name,
    kernel: affine(codeOf(activation)),
    rowsOf: sameRows,
    reads: [value(input), { weights: node.name }],
    output,
    dispatches: ({ viewOf }) => {
      const params = { ...elementsOf(viewOf(output)), ...boundsOf(activation) };
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
        kernel: paired(kind, codeOf(activation)),
        rowsOf: sameRows,
        reads: [value(input), value(other)],
        output,
        dispatches: ({ viewOf }) => {
          const params = { ...elementsOf(viewOf(output)), ...boundsOf(activation) };
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
        rowsOf: sameRows,
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

const lowerings: OpTable<[Joined, Context], Step[]> = {
  conv2d: productStep,
  dense: productStep,
  depthwise_conv2d: depthwiseStep,
  batch_norm: affineStep,
  scale: affineStep,
  activation: (op, { node, input, output }) => [
    step({
      name: node.name,
      kernel: activationKernel(codeOf(op.function)),
      rowsOf: sameRows,
      reads: [value(input)],
      output,
      dispatches: ({ viewOf }) => {
        const params = { ...elementsOf(viewOf(output)), ...boundsOf(op.function) };
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
      rowsOf: ({ viewOf, opOf }, _value, rows) =>
        windowRows(opOf(node.name) as WindowOp, viewOf(input), rows),
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
      rowsOf: ({ viewOf }, _value, { begin, end }) => {
        const { lower, upper } = bilinearTaps(convention, viewOf(input).height, viewOf(output).height);
        return { begin: lower[begin], end: upper[end - 1] + 1 };
      },
      dispatches: ({ viewOf }) => {
        const [from, to] = [viewOf(input), viewOf(output)];
        return [{ params: spatial(from, to), groups: spatialGroups(to) }];
      },
      taps: ({ graph, viewOf }) => {
        const [from, to] = [viewOf(input), viewOf(output)];
        const [whole, all] = [input, output].map((name) => graph.specs.get(name)!.shape[1]);
        const rows = bilinearTaps(convention, whole, all);
        return tapTables([
          partOfTaps(rows, to.row, to.row + to.height, from.row),
          bilinearTaps(convention, from.width, to.width),
        ]);
      },
    }),
  ],
  softmax: (_op, { node, input, output }) => [
    step({
      name: node.name,
      kernel: softmax,
      rowsOf: sameRows,
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
      rowsOf: sameRows,
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

/** In what each node's product is computed. */
export function computesOf(graph: Graph, compute: Compute): (node: string) => Compute {
  const int8 = compute === 'int8' ? int8Products(graph) : new Set<string>();
  return (node) => (compute === 'int8' && !int8.has(node) ? 'float32' : compute);
}

/** The steps of a network whose batch norms are folded, for a device. */
export function lower(
  graph: Graph,
  { sharing, mostBytes }: Pick<Host, 'sharing' | 'mostBytes'>,
  compute: Compute,
): Lowered {
  const joined = join(graph, compute === 'int8' ? undefined : sharing);
  const ports = inferGraph(graph);
  const channelsOf = (name: string) => ports.get(name)!.shape.at(-1)!;
  const homes = findHomes(graph, joined, channelsOf, { vector: 4, unshared: true });
  const computeOf = computesOf(graph, compute);
  const context = { homes, channelsOf, sharing: sharing || lanes, mostBytes, computeOf };
  return {
    graph,
    homes,
    mostBytes,
    steps: joined.flatMap((one) => dispatch(lowerings, one.node.op, one, context)),
  };
}
