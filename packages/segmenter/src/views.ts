import type { Graph } from '@atrous/graph';
import { bilinearTaps, type ResizeConvention, type Session, type Tensor, tensor } from '@atrous/tensor';
import type { ModelDescription } from '@atrous/zoo';
import { expectFinite } from './finite.ts';
import type { Pixels } from './pixels.ts';
import { type Placement, placeInput } from './placement.ts';
import { prepareAt } from './prepare.ts';
import { type BlendWeights, blendWeights, cutWindows, logitsShape } from './windows.ts';

/** How a picture is looked at. */
export interface ViewOptions {
  /**
   * Test-time augmentation: sees the picture at these multiples of its usual size and takes the mean of the probabilities, as DeepLab is evaluated.
   * @default [1]
   */
  readonly scales?: readonly number[];
  /** Also sees it mirrored. @default false */
  readonly flip?: boolean;
  /**
   * The longest side, in pixels of the network's input, of what is seen at once: a larger input is seen by sliding windows that overlap, in
   * the memory of one. `false`: always whole. @default 1024 where the model takes pictures at their own size, else false
   */
  readonly window?: number | false;
}

/** The network's answer. */
export interface Seen {
  readonly logits: Tensor;
  /** Milliseconds for resizing and normalising, out of all. */
  readonly prepare: number;
}

interface Network {
  readonly session: Session;
  readonly graph: Graph;
  readonly config: Pick<ModelDescription, 'preprocess' | 'postprocess'>;
}

/**
 * What the network makes of a picture. Of several views, the logarithm of their mean probabilities, at the size of the finest one's
 * logits: what follows goes on as with logits.
 */
export async function look(
  network: Network,
  pixels: Pixels,
  options: ViewOptions,
  signal?: AbortSignal,
): Promise<Seen> {
  const { preprocess, postprocess } = network.config;
  const { scales = [1], flip = false } = options;
  const window = options.window ?? (preprocess.size.mode === 'original' ? 1024 : false);
  const times = { prepare: 0 };
  const finestFirst = [...scales].sort((a, b) => b - a);
  const views = finestFirst.flatMap((scale) =>
    (flip ? [false, true] : [false]).map((mirrored) => ({ scale, mirrored })),
  );
  let mean: { readonly sum: Float32Array; readonly shape: readonly number[] } | undefined;
  for (const { scale, mirrored } of views) {
    const placement = placeInput(preprocess, pixels, scale);
    const logits = await byWindows(network, pixels, placement, { window, mirrored, signal }, times);
    if (views.length === 1 && !mirrored) return { logits, ...times };
    mean ??= { sum: new Float32Array(logits.data.length), shape: logits.shape };
    addProbabilities(mean.sum, mean.shape, logits, postprocess.resize, mirrored);
  }
  const { sum, shape } = mean!;
  return {
    logits: tensor(
      'float32',
      shape,
      sum.map((value) => Math.log(Math.max(value / views.length, smallest))),
    ),
    ...times,
  };
}

/** Its logarithm is still a number in single precision, with room for differences. */
const smallest = 1e-30;

interface WindowOptions {
  readonly window: number | false;
  readonly mirrored: boolean;
  readonly signal?: AbortSignal;
}

/** Logits of an input, whole or put together from windows. */
async function byWindows(
  { session, graph, config }: Network,
  pixels: Pixels,
  whole: Placement,
  { window, mirrored, signal }: WindowOptions,
  times: { prepare: number },
): Promise<Tensor> {
  const see = async (placement: Placement): Promise<Tensor> => {
    signal?.throwIfAborted();
    const start = performance.now();
    const image = prepareAt(pixels, config.preprocess, placement);
    if (mirrored) mirror(image);
    times.prepare += performance.now() - start;
    const { logits } = await session.run({ image }, { signal });
    expectFinite('logits', logits);
    return logits;
  };
  const { height, width } = whole;
  if (window === false || Math.max(height, width) <= window) return see(whole);

  const { down, across, ramp } = cutWindows(graph, height, width, window);
  const [rows, columns, classes] = logitsShape(graph, height, width);
  const vertical = blendWeights(down, ramp, (extent) => logitsShape(graph, extent, width)[0]);
  const horizontal = blendWeights(across, ramp, (extent) => logitsShape(graph, height, extent)[1]);
  const sum = new Float32Array(rows * columns * classes);
  for (const [i, { begin: top, end: bottom }] of down.entries()) {
    for (const [j, { begin, end }] of across.entries()) {
      // a mirrored window lies where it was, in a mirrored whole
      const left = mirrored ? width - end : begin;
      const size = { height: bottom - top, width: end - begin };
      const part = await see({
        ...size,
        resized: whole.resized,
        top: whole.top + top,
        left: whole.left + left,
      });
      addWeighted(sum, columns * classes, part, vertical[i], horizontal[j]);
    }
  }
  return tensor('float32', [1, rows, columns, classes], sum);
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

/** The columns of [1,h,w,c] in the other order. */
function mirror({ shape: [, rows, columns, channels], data }: Tensor): void {
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns >> 1; x++) {
      const [a, b] = [x, columns - 1 - x].map((at) => (y * columns + at) * channels);
      for (let c = 0; c < channels; c++) [data[a + c], data[b + c]] = [data[b + c], data[a + c]];
    }
  }
}

/** Adds the softmax of logits, resized to the size of the sum. */
function addProbabilities(
  sum: Float32Array,
  [, rows, columns, classes]: readonly number[],
  logits: Tensor,
  resize: ResizeConvention,
  mirrored: boolean,
): void {
  const [, inRows, inColumns] = logits.shape;
  const data = logits.data as Float32Array;
  const down = bilinearTaps(resize, inRows, rows);
  const across = bilinearTaps(resize, inColumns, columns);
  // a mirrored answer is read from its other end
  const column = (x: number) => (mirrored ? inColumns - 1 - x : x);
  const [lefts, rights] = [across.lower.map(column), across.upper.map(column)];
  const values = new Float64Array(classes);
  for (let y = 0, to = 0; y < rows; y++) {
    const [above, below] = [down.lower[y], down.upper[y]].map((row) => row * inColumns);
    const t = down.fraction[y];
    for (let x = 0; x < columns; x++, to += classes) {
      const s = across.fraction[x];
      const [a, b] = [(above + lefts[x]) * classes, (above + rights[x]) * classes];
      const [d, e] = [(below + lefts[x]) * classes, (below + rights[x]) * classes];
      let largest = Number.NEGATIVE_INFINITY;
      for (let c = 0; c < classes; c++) {
        const upper = data[a + c] + (data[b + c] - data[a + c]) * s;
        const lower = data[d + c] + (data[e + c] - data[d + c]) * s;
        values[c] = upper + (lower - upper) * t;
        if (values[c] > largest) largest = values[c];
      }
      let total = 0;
      for (let c = 0; c < classes; c++) {
        values[c] = Math.exp(values[c] - largest);
        total += values[c];
      }
      for (let c = 0; c < classes; c++) sum[to + c] += values[c] / total;
    }
  }
}
