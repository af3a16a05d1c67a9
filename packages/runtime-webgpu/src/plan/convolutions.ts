import type { OpOf } from '@atrous/graph';
import { type Fused, isPointwise } from '@atrous/graph/lowering';
import { depthwise, depthwiseGroups } from '../kernels/depthwise.ts';
import { product, productGroups, rowsEach, tileFor } from '../kernels/product.ts';
import { padded } from '../weights.ts';
import {
  type Context,
  multiplyAddsOf,
  type Step,
  slot,
  step,
  value,
  vectorSlot,
  vectors,
  windowParams,
} from './step.ts';

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

/** Convolutions and dense layers as matrix products. */
export function productStep(op: OpOf<'conv2d'> | OpOf<'dense'>, one: Fused, { channelsOf }: Context): Step[] {
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

/** A filter per channel. */
export function depthwiseStep(_op: unknown, one: Fused): Step[] {
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
}
