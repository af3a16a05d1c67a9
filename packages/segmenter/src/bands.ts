import type { LogitsBand } from '@atrous/mask';
import { type Tensor, tensor } from '@atrous/tensor';
import { type BlendWeights, blendWeights, type Span, type Windows } from './windows.ts';

/** Some rows of an input's logits [1,n,w,classes], whole as to width. */
export interface Band extends LogitsBand {
  readonly logits: Tensor;
}

/** What a network, or a part of one, makes of a window of its input. */
export type SeeWindow = (rows: Span, columns: Span) => Promise<Tensor>;

/** A window, where its values lie among those of the whole, and what they count. */
export interface WindowPlace {
  readonly rows: Span;
  readonly columns: Span;
  readonly down: BlendWeights;
  readonly across: BlendWeights;
}

/** Height, width and channels of the values of an input. */
export type ShapeOf = (height: number, width: number) => readonly number[];

/** The windows of an input, row by row from above, with their values' places. */
export function placesOf(
  { down, across, ramp }: Windows,
  shapeOf: ShapeOf,
): readonly (readonly WindowPlace[])[] {
  const [height, width] = [down, across].map((spans) => spans[spans.length - 1].end);
  const vertical = blendWeights(down, ramp, (extent) => shapeOf(extent, width)[0]);
  const horizontal = blendWeights(across, ramp, (extent) => shapeOf(height, extent)[1]);
  return down.map((rows, i) =>
    across.map((columns, j) => ({ rows, columns, down: vertical[i], across: horizontal[j] })),
  );
}

/**
 * Logits of an input by windows, from above, each band as soon as no window adds to it. A band begins with the last row of the one before, so that
 * whatever lies between two rows lies in one band; no more is held than a row of windows. Each is there until the next one is asked for.
 */
export async function* seeBands(
  windows: Windows,
  shapeOf: ShapeOf,
  see: SeeWindow,
): AsyncGenerator<Band, void, undefined> {
  const places = placesOf(windows, shapeOf);
  const end = (spans: readonly Span[]) => spans[spans.length - 1].end;
  const [total, columns, classes] = shapeOf(end(windows.down), end(windows.across));
  const lineLength = columns * classes;
  const [[{ down }]] = places;
  const sum = new Float32Array((down.weights.length + 1) * lineLength); // of the rows from `first` on
  let first = 0;
  for (const [i, row] of places.entries()) {
    const { begin, weights } = row[0].down;
    for (const { rows, columns, across } of row) {
      const part = await see(rows, columns);
      addWeighted(sum, lineLength, part, { weights, begin: begin - first }, across);
    }
    const next = i + 1 < places.length ? places[i + 1][0].down.begin : total;
    const done = next - first;
    const logits = tensor('float32', [1, done, columns, classes], sum.subarray(0, done * lineLength));
    yield { logits, first, total };
    const rest = (begin + weights.length - next + 1) * lineLength;
    sum.copyWithin(0, (done - 1) * lineLength, (done - 1) * lineLength + rest).fill(0, rest);
    first = next - 1;
  }
}

function addWeighted(
  sum: Float32Array,
  lineLength: number,
  { shape: [, rows, columns, classes], data }: Tensor,
  vertical: BlendWeights,
  horizontal: BlendWeights,
): void {
  for (let y = 0; y < rows; y++) {
    if (vertical.weights[y] === 0) continue;
    let to = (vertical.begin + y) * lineLength + horizontal.begin * classes;
    let from = y * columns * classes;
    for (let x = 0; x < columns; x++) {
      const weight = vertical.weights[y] * horizontal.weights[x];
      for (let c = 0; c < classes; c++, from++, to++) sum[to] += (data[from] as number) * weight;
    }
  }
}
