import type { BoundGraph, Op } from '@atrous/graph';
import type { Homes } from '@atrous/graph/lowering';
import type { TensorSpec } from '@atrous/tensor';
import { padded } from '../weights.ts';

/** A value as kernels see it: NHWC with a stride per pixel, so that slices of a concat are values, too. Numbers, not bytes. */
export interface View {
  readonly batch: number;
  /** The row of the picture that it begins with: 0 where it is not a band of one. */
  readonly row: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly stride: number;
  readonly offset: number;
}

/** Ranges of buffers begin at multiples of this many bytes, whatever the device. */
export const rangeBytes = 256;

/** All that depends on the size of pictures. */
export interface Sizes {
  readonly graph: BoundGraph;
  readonly viewOf: (value: string) => View;
  /** The operator with its padding as numbers. */
  readonly opOf: (node: string) => Op;
}

/** Integers, as class ids are, lie one per pixel, without channels. */
function extentsOf({ dtype, shape }: TensorSpec): Omit<View, 'row' | 'stride' | 'offset'> {
  const whole = dtype === 'float32' ? shape : [...shape, 1];
  const [batch, height, width] = whole.length === 4 ? whole : [whole[0], 1, 1];
  return { batch, height, width, channels: whole[whole.length - 1] };
}

/** How many numbers of 32 bits lie at each pixel of a value. */
export const strideOf = ({ dtype, shape }: TensorSpec): number =>
  dtype === 'float32' ? padded(shape[shape.length - 1]) : 1;

/** Bytes of a value on the device. */
export function deviceBytes(spec: TensorSpec): number {
  const { batch, height, width } = extentsOf(spec);
  return batch * height * width * strideOf(spec) * 4;
}

export function sizesOf(graph: BoundGraph, homes: Homes): Sizes {
  const ops = new Map(graph.nodes.map(({ name, op }) => [name, op]));
  return {
    graph,
    opOf: (node) => ops.get(node)!,
    viewOf: (value) => {
      const { owner, before } = homes.get(value) ?? { owner: value, before: 0 };
      return {
        ...extentsOf(graph.specs.get(value)!),
        row: 0,
        stride: strideOf(graph.specs.get(owner)!),
        offset: before,
      };
    },
  };
}
