import type { LogitsCrop } from '@atrous/mask/looks';
import { type ResizeConvention, type Tensor, tensor } from '@atrous/tensor';
import type { Placement } from './placement.ts';

/**
 * Of an input's logits [1,h,w,classes] those of the picture in it, without what was padded to the right and below. They are the very ones where the picture
 * ends between two of them, and lie between its neighbours else, so that they cover the picture as logits of a whole input do.
 * @param mirrored the padding lies to the left then
 */
export function ofPicture(
  logits: Tensor,
  { height, width, resized }: Placement,
  resize: ResizeConvention,
  mirrored: boolean,
): Tensor {
  if (resized.height >= height && resized.width >= width) return logits;
  const [, inRows, inColumns, classes] = logits.shape;
  const down = places(resize, inRows, height, resized.height);
  const across = places(resize, inColumns, width, resized.width);
  const columns = mirrored ? across.map((at) => inColumns - 1 - at).reverse() : across;
  const data = logits.data as Float32Array;
  const out = new Float32Array(down.length * columns.length * classes);
  let to = 0;
  for (const y of down) {
    const above = Math.floor(y);
    const below = Math.min(inRows - 1, above + 1);
    for (const x of columns) {
      const left = Math.floor(x);
      const right = Math.min(inColumns - 1, left + 1);
      for (let c = 0; c < classes; c++, to++) {
        const at = (row: number, column: number) => data[(row * inColumns + column) * classes + c];
        const upper = at(above, left) + (at(above, right) - at(above, left)) * (x - left);
        const lower = at(below, left) + (at(below, right) - at(below, left)) * (x - left);
        out[to] = upper + (lower - upper) * (y - above);
      }
    }
  }
  return tensor('float32', [1, down.length, columns.length, classes], out);
}

/** The same as tables, for whoever does it on a device. @param logits rows and columns of the whole input's */
export function cropOf(
  logits: { readonly height: number; readonly width: number },
  { height, width, resized }: Placement,
  resize: ResizeConvention,
): LogitsCrop {
  const along = (count: number, input: number, part: number) => {
    const at = places(resize, count, input, part);
    const lower = Int32Array.from(at, Math.floor);
    return {
      lower,
      upper: lower.map((below) => Math.min(count - 1, below + 1)),
      fraction: Float32Array.from(at, (place, i) => place - lower[i]),
    };
  };
  return {
    down: along(logits.height, height, resized.height),
    across: along(logits.width, width, resized.width),
  };
}

/** Where the logits of a part lie among those of an input, along one axis, by the convention that its logits are resized with. */
function places(resize: ResizeConvention, logits: number, input: number, part: number): number[] {
  const count = Math.max(1, Math.round((logits * part) / input));
  const place = {
    'half-pixel': (i: number) => (((i + 0.5) * part) / count) * (logits / input) - 0.5,
    asymmetric: (i: number) => ((i * part) / count) * (logits / input),
    'align-corners': (i: number) =>
      count === 1 || input === 1 ? 0 : (i * ((part - 1) / (count - 1)) * (logits - 1)) / (input - 1),
  }[resize];
  return Array.from({ length: count }, (_, i) => {
    const at = Math.min(logits - 1, Math.max(0, place(i)));
    const whole = Math.round(at);
    return Math.abs(at - whole) < 1e-9 ? whole : at; // what falls on one is that one
  });
}
