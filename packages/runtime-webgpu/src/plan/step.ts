import { type Compute, type Graph, type OpOf, ruleOf } from '@atrous/graph';
import { boundPadding, type Fused, type Homes, inputsOf, reach } from '@atrous/graph/lowering';
import type { Host } from '../host.ts';
import type { Kernel } from '../kernels/kernel.ts';
import { padded } from '../weights.ts';
import type { Sizes, View } from './sizes.ts';

/** What a kernel reads: a value, a node's weights, or the tables of a resize. */
export type Source = { readonly value: string } | { readonly weights: string } | 'taps';

/** One run of a kernel for pictures of known sizes. */
export interface Dispatch {
  readonly params: Readonly<Record<string, number>>;
  readonly groups: readonly [number, number, number];
}

/** Rows of a picture. */
export interface RowRange {
  readonly begin: number;
  readonly end: number;
}

/** A step of a network, whatever the size of its pictures. */
export interface Step {
  readonly name: string;
  readonly kernel: Kernel;
  readonly reads: readonly Source[];
  /** The value that it writes, or a slice of. */
  readonly output: string;
  multiplyAdds(sizes: Sizes): number;
  /** The rows of a value that it reads for some rows of its output; absent where it needs all for any of them. */
  rowsOf?(sizes: Sizes, value: string, rows: RowRange): RowRange;
  /** Its dispatches, one after the other: more than one where there is much to do. */
  dispatches(sizes: Sizes): readonly Dispatch[];
  /** The tables of a resize. */
  taps?(sizes: Sizes): Int32Array;
}

/** A network as steps, and the values that are written straight into a concat. */
export interface Lowered extends Pick<Host, 'mostBytes'> {
  readonly graph: Graph;
  readonly steps: readonly Step[];
  readonly homes: Homes;
}

/** What lowerings know besides. */
export interface Context {
  readonly homes: Homes;
  /** Threads of a workgroup that makes rows for itself: a subgroup of the device. */
  readonly sharing: number;
  /** The most bytes that a kernel reads of a buffer. */
  readonly mostBytes: number;
  /** In what a node's product is computed. */
  computeOf(node: string): Compute;
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
export const step = <P extends string>(one: StepOf<P>): Step => ({ multiplyAdds: () => 0, ...one });

export const multiplyAddsOf =
  ({ node }: Fused): Step['multiplyAdds'] =>
  ({ graph }) =>
    ruleOf(node.op).multiplyAdds(node.op, inputsOf(node, graph.specs), graph.specs.get(node.name)!);

/** A value as a source. */
export const value = (name: string): Source => ({ value: name });
interface OutputSlot {
  readonly outputStride: number;
  readonly outputOffset: number;
}
/** Where a kernel writes, by the names of its parameters. */
export const slot = ({ stride, offset }: View): OutputSlot => ({
  outputStride: stride,
  outputOffset: offset,
});
/** Most kernels count in vectors of four channels. */
export const vectors = ({ channels }: View): number => padded(channels) / 4;
export const vectorSlot = ({ stride, offset }: View): OutputSlot => ({
  outputStride: stride / 4,
  outputOffset: offset / 4,
});

/** An operator with a window. */
export type WindowOp = OpOf<'conv2d'> | OpOf<'depthwise_conv2d'> | OpOf<'pool'>;
type WindowParams = Readonly<
  Record<
    | 'height'
    | 'width'
    | 'outHeight'
    | 'outWidth'
    | 'kernelHeight'
    | 'kernelWidth'
    | 'strideY'
    | 'strideX'
    | 'top'
    | 'left',
    number
  >
>;

/** What works pixel by pixel; of a value of one pixel, that one. */
export const sameRows: Step['rowsOf'] = ({ viewOf }, value, rows) =>
  viewOf(value).height === 1 ? { begin: 0, end: 1 } : rows;

/** Rows under the windows of a bound operator. */
export function windowRows(op: WindowOp, { height }: View, { begin, end }: RowRange): RowRange {
  const [top] = boundPadding(op.padding);
  const [stride, rate] = [op.stride[0], 'dilation' in op ? op.dilation[0] : 1];
  const first = Math.min(Math.max(0, begin * stride - top), height - 1);
  const last = (end - 1) * stride - top + reach(op.kernel[0], rate);
  return { begin: first, end: Math.max(first + 1, Math.min(height, last)) };
}

/** The window of a bound operator, its parameters by the names of kernels. In bands it is moved by the rows that they begin with. */
export function windowParams(op: WindowOp, input: View, output: View): WindowParams {
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
    top: top + input.row - output.row * op.stride[0],
    left,
  };
}

/** Pixels of all pictures. */
export const pixelsOf = ({ batch, height, width }: View): number => batch * height * width;
