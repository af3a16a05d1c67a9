import type { Graph } from '@atrous/graph';
import type { LabelMap, LabelMapOptions, LabelMapResult } from '@atrous/mask';
import {
  AtrousError,
  bilinearTaps,
  type DeviceSession,
  type DeviceTensor,
  type ResizeConvention,
  type Session,
  type Tensor,
  tensor,
} from '@atrous/tensor';
import type { ModelDescription } from '@atrous/zoo';
import { type Band, seeBands } from './bands.ts';
import { expectFinite } from './finite.ts';
import { mapLabels } from './map_labels.ts';
import { ofPicture } from './padding.ts';
import type { Pixels } from './pixels.ts';
import { type Placement, placeInput } from './placement.ts';
import type { PooledNetwork } from './pooled_network.ts';
import { countWindows, seePooled } from './pooled_windows.ts';
import { prepareAt } from './prepare.ts';
import {
  cutPartWindows,
  cutWindows,
  logitsShape,
  type PartWindows,
  type Span,
  type Windows,
} from './windows.ts';

const defaultWindow = 768;

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
   * The longest side, in pixels of the network's input, of what is seen at once: a larger input is seen by sliding windows that overlap.
   * `false`: always whole. @default 768 where the model takes pictures at their own size, else false
   */
  readonly window?: number | false;
  /** Told after each window of each view. */
  readonly onProgress?: (progress: ViewProgress) => void;
}

/** How much of a picture was seen. */
export interface ViewProgress {
  /** Windows that were seen. */
  readonly done: number;
  /** Of all views. */
  readonly total: number;
}

/** The network's answer. */
export interface Seen {
  readonly logits: Tensor;
  /** Milliseconds for resizing and normalising, out of all. */
  readonly prepare: number;
}

export interface Network {
  readonly session: Session;
  readonly graph: Graph;
  readonly config: Pick<ModelDescription, 'preprocess' | 'postprocess'>;
  /** Where something is pooled over the whole picture, and the network can be cut there. */
  readonly pooled?: Pick<PooledNetwork, 'parts' | 'sessions'>;
}

/** How a network sees a picture. */
export interface Views {
  readonly network: Network;
  readonly pixels: Pixels;
  readonly signal?: AbortSignal;
  /** In order. */
  readonly views: readonly View[];
  /** The input of a view that is seen whole. */
  readonly image: (view: View) => Tensor;
  readonly see: (view: View) => Promise<Tensor>;
  readonly bands: (view: View) => AsyncGenerator<Band, void, undefined>;
  /** To be called after each window. */
  readonly seen: () => void;
  readonly times: { prepare: number };
}

/** What a picture is seen by: nothing is computed yet. @throws AtrousError `input` for a crop that cannot be */
export function planViews(
  network: Network,
  pixels: Pixels,
  options: ViewOptions,
  signal?: AbortSignal,
): Views {
  const { session, graph, pooled } = network;
  const { preprocess } = network.config;
  const { scales = [1], flip = false, onProgress } = options;
  const window = options.window ?? (preprocess.size.mode === 'original' ? defaultWindow : false);
  const finestFirst = [...scales].sort((a, b) => b - a);
  const views = finestFirst.flatMap((scale): View[] => {
    const placement = placeInput(preprocess, pixels, scale);
    const { height, width } = placement;
    const isWhole = window === false || Math.max(height, width) <= window;
    const cut = isWhole
      ? {}
      : pooled
        ? { byParts: cutPartWindows(pooled.parts, height, width, window) }
        : { windows: cutWindows(graph, height, width, window) };
    return (flip ? [false, true] : [false]).map((mirrored) => ({ placement, ...cut, mirrored }));
  });
  const times = { prepare: 0 };
  let done = 0;
  const total = views.reduce((sum, view) => sum + windowsOf(view), 0);
  const seen = () => onProgress?.({ done: ++done, total });
  const image = ({ placement, mirrored }: Pick<View, 'placement' | 'mirrored'>): Tensor => {
    const start = performance.now();
    const input = prepareAt(pixels, preprocess, placement);
    if (mirrored) mirror(input);
    times.prepare += performance.now() - start;
    return input;
  };
  /** The input in some rows and columns of the view. */
  const inputAt =
    ({ placement: whole, mirrored }: View) =>
    ({ begin: top, end: bottom }: Span, { begin, end }: Span): Tensor => {
      // a mirrored window lies where it was, in a mirrored whole
      const left = mirrored ? whole.width - end : begin;
      const size = { height: bottom - top, width: end - begin };
      const { resized } = whole;
      return image({
        placement: { ...size, resized, top: whole.top + top, left: whole.left + left },
        mirrored,
      });
    };
  const run = async (input: Tensor): Promise<Tensor> => {
    const { logits } = await session.run({ image: input }, { signal });
    expectFinite('logits', logits);
    seen();
    return logits;
  };
  async function* bands(view: View): AsyncGenerator<Band, void, undefined> {
    const { windows, byParts } = view;
    const at = inputAt(view);
    if (byParts) {
      const { parts, sessions } = pooled!;
      yield* seePooled({ parts, sessions: await sessions() }, byParts, { image: at, seen, signal });
    } else {
      const shapeOf = (height: number, width: number) => logitsShape(graph, height, width);
      yield* seeBands(windows!, shapeOf, async (rows, columns) => {
        signal?.throwIfAborted();
        return run(at(rows, columns));
      });
    }
  }
  const see = async (view: View): Promise<Tensor> => {
    signal?.throwIfAborted();
    if (isWhole(view)) return run(image(view));
    const shape = logitsShape(graph, view.placement.height, view.placement.width);
    const whole = new Float32Array(shape[0] * shape[1] * shape[2]);
    for await (const { logits, first } of bands(view))
      whole.set(logits.data as Float32Array, first * shape[1] * shape[2]);
    return tensor('float32', [1, ...shape], whole);
  };
  return { network, pixels, signal, views, image, see, bands, seen, times };
}

const isWhole = ({ windows, byParts }: View): boolean => !windows && !byParts;

const windowsOf = ({ windows, byParts }: View): number => {
  if (byParts) return countWindows(byParts);
  return windows ? windows.down.length * windows.across.length : 1;
};

/**
 * What the network makes of a picture. Of several views, the logarithm of their mean probabilities, at the size of the finest one's
 * logits: what follows goes on as with logits.
 */
export async function look({ network, views, see, times }: Views): Promise<Seen> {
  const { resize } = network.config.postprocess;
  let mean: { readonly sum: Float32Array; readonly shape: readonly number[] } | undefined;
  for (const view of views) {
    const { placement, mirrored } = view;
    const logits = ofPicture(await see(view), placement, resize, mirrored);
    if (views.length === 1) return { logits, ...times };
    mean ??= { sum: new Float32Array(logits.data.length), shape: logits.shape };
    addProbabilities(mean.sum, mean.shape, logits, resize, mirrored);
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

/** A label map that was made where the logits were computed. */
export interface LabelsOnDevice extends LabelMapResult {
  /** A copy of the logits, where it is asked for. */
  readonly logits?: Tensor;
  /** Milliseconds for resizing and normalising, out of all. */
  readonly prepare: number;
  /** Milliseconds from logits to labels, out of all. */
  readonly labelling: number;
}

/**
 * The label map of a picture from logits that stay on the device. Undefined where the session has none, where more is to be done with them (several views, windows,
 * padding), and where the device went away: the session has another then.
 */
export async function labelOnDevice(
  { network, pixels, views, image, seen, times, signal }: Views,
  asked: { readonly confidence: boolean; readonly logits: boolean },
): Promise<LabelsOnDevice | undefined> {
  const { session } = network;
  if (!('runOnDevice' in session && 'labelMap' in session)) return undefined;
  const device = session as DeviceSession & DeviceLabelMapper;
  const [view] = views;
  if (views.length > 1 || !isWhole(view) || isPadded(view.placement)) return undefined;
  const { resize } = network.config.postprocess;
  try {
    const { logits } = await device.runOnDevice({ image: image(view) }, { signal });
    try {
      seen();
      const begin = performance.now();
      const { height, width } = pixels;
      const { confidence } = asked;
      const result = await device.labelMap(logits, { height, width, resize, confidence });
      const labelling = performance.now() - begin;
      return { ...result, ...(asked.logits && { logits: await logits.read() }), ...times, labelling };
    } finally {
      logits.dispose();
    }
  } catch (error) {
    if (error instanceof AtrousError && error.code === 'device-lost') return undefined;
    throw error;
  }
}

interface DeviceLabelMapper {
  labelMap(logits: DeviceTensor, options: LabelMapOptions): Promise<LabelMapResult>;
}

const isPadded = ({ height, width, resized }: Placement): boolean =>
  resized.height < height || resized.width < width;

/** What is made of a picture that is seen by windows alone, in the memory of a row of them. */
export interface LabelsByBands extends LabelMapResult {
  /** Milliseconds for resizing and normalising, out of all. */
  readonly prepare: number;
}

/**
 * The label map of a picture from bands of its logits, which are never there as a whole: the one that `labelMap` makes of what `look` gives. Undefined where
 * it is not seen by windows alone: whole, by several views, or padded.
 */
export async function labelByBands(
  { network, pixels, views, bands, times }: Views,
  asked: { readonly confidence: boolean },
): Promise<LabelsByBands | undefined> {
  const [view] = views;
  if (views.length > 1 || isWhole(view) || isPadded(view.placement)) return undefined;
  const { height, width } = pixels;
  const { resize } = network.config.postprocess;
  const size = { height, width, resize, confidence: asked.confidence };
  let labels: LabelMap | undefined;
  const confidence = asked.confidence ? new Float32Array(height * width) : undefined;
  let top = 0;
  for await (const { logits, ...band } of bands(view)) {
    const { upper } = bilinearTaps(resize, band.total, height);
    const reached = band.first + logits.shape[1];
    let end = top;
    while (end < height && upper[end] < reached) end++;
    if (end === top) continue;
    const part = await mapLabels(
      logits,
      { ...size, region: { top, left: 0, height: end - top, width } },
      band,
    );
    labels ??= { height, width, data: new (kindOf(part.labels))(height * width) };
    labels.data.set(part.labels.data, top * width);
    if (part.confidence) confidence?.set(part.confidence, top * width);
    top = end;
  }
  return { labels: labels!, ...(confidence && { confidence }), ...times };
}

const kindOf = ({ data }: LabelMap) => (data instanceof Uint8Array ? Uint8Array : Uint16Array);

/** Its logarithm is still a number in single precision, with room for differences. */
const smallest = 1e-30;

/** One way of looking at the picture: whole, unless it says by which windows. */
export interface View {
  readonly placement: Placement;
  readonly windows?: Windows;
  readonly byParts?: PartWindows;
  readonly mirrored: boolean;
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
