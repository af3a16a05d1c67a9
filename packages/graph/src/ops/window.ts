import { AtrousError, type Port } from '@atrous/tensor';
import { expectRank4 } from './rule.ts';

/** A pair for height and width. */
export type Pair = readonly [height: number, width: number];

/** Four numbers, or `same`: Keras' rule, whose numbers depend on the size (the odd pixel goes to the end). */
export type Padding = readonly [top: number, bottom: number, left: number, right: number] | 'same';

/** What convolutions and pools share: a window that slides over height and width. */
export interface Window {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Padding;
}
export interface DilatedWindow extends Window {
  /** Atrous rate per axis. */
  readonly dilation: Pair;
}

/** How far a dilated kernel reaches along one axis. */
export function reach(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

/** `same` for a known extent, as [before, after]. */
export function samePadding(extent: number, kernel: number, stride: number, dilation: number): Pair {
  const out = Math.ceil(extent / stride);
  const total = Math.max((out - 1) * stride + reach(kernel, dilation) - extent, 0);
  return [total >> 1, total - (total >> 1)];
}

/** The same padding on both sides that keeps the size at stride 1: `rate·(kernel − 1)/2`, as PyTorch and TF-slim pad. */
export function symmetricPadding(kernel: Pair, dilation: Pair): Padding {
  const [y, x] = [0, 1].map((axis) => (reach(kernel[axis], dilation[axis]) - 1) >> 1);
  return [y, y, x, x];
}

/** Padding as numbers for a known height and width. */
export function resolvePadding(
  window: DilatedWindow,
  height: number,
  width: number,
): Exclude<Padding, 'same'> {
  if (window.padding !== 'same') return window.padding;
  const { kernel, stride, dilation } = window;
  return [
    ...samePadding(height, kernel[0], stride[0], dilation[0]),
    ...samePadding(width, kernel[1], stride[1], dilation[1]),
  ];
}

/** Padding of a bound operator as numbers. */
export function boundPadding(padding: Padding): Exclude<Padding, 'same'> {
  if (padding === 'same') throw new AtrousError('shape', "padding is 'same': bind the graph first");
  return padding;
}

/** Height and width after a window; null where free. */
export function slide(window: DilatedWindow, input: Port): readonly [number | null, number | null] {
  expectRank4(input);
  const { kernel, stride, dilation, padding } = window;
  const along = (axis: 0 | 1): number | null => {
    const extent = input.shape[1 + axis];
    if (extent === null) return null;
    if (padding === 'same') return Math.ceil(extent / stride[axis]);
    const room = extent + padding[2 * axis] + padding[2 * axis + 1] - reach(kernel[axis], dilation[axis]);
    if (room < 0) {
      const side = axis === 0 ? 'height' : 'width';
      throw new Error(
        `input ${side} ${extent} is too small for a window of ${kernel.join('×')} without padding`,
      );
    }
    return Math.floor(room / stride[axis]) + 1;
  };
  return [along(0), along(1)];
}
