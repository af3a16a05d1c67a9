import { bind, type Graph, receptiveFields } from '@atrous/graph';
import { inputShapes, type PooledParts } from './pooled_parts.ts';

/** What is seen at once along one axis, in pixels of the network's input. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** How a large input is cut. */
export interface Windows {
  readonly down: readonly Span[];
  readonly across: readonly Span[];
  /**
   * Input pixels, on either side of the middle of an overlap, over which one window gives way to the next; 0 where the logits are those of
   * the whole input, since the network looks nowhere further than the overlaps are wide.
   */
  readonly ramp: number;
}

/** Everything that strides in these networks divides this: windows that begin at multiples of it see the same grid. */
const grid = 32;

/**
 * Windows of about `side` pixels over an input. Where the network's receptive field is finite and a window of twice the side holds
 * it twice, the overlaps are as wide as the field and the logits are those of the whole input; else they are a quarter of the window,
 * and blended.
 */
export function cutWindows(graph: Graph, height: number, width: number, side: number): Windows {
  const enough = wideEnough(fieldOf(graph, Math.max(side, 2 * grid)));
  const length = Math.max(side, 2 * enough);
  const exact = length <= 2 * side;
  const [window, overlap] = exact ? [length, enough] : [side, side / 4];
  const along = (extent: number) => spans(extent, window, overlap);
  return { down: along(height), across: along(width), ramp: exact ? 0 : overlap / 4 };
}

/** Windows of each part of a network with image pooling, all of them in pixels of its image. Each part's own half of an overlap counts alone. */
export interface PartWindows {
  readonly encoder: Windows;
  readonly context: Windows;
  readonly decoder?: Windows;
}

/** Pixels of an overlap that do for a deep encoder: of a photo that is hard to agree on, 99.0 % of the labels are those of the whole; with 96 pixels 98.6 %. */
const heeded = 128;

/**
 * Windows for a network in parts. Overlaps are as wide as the part's receptive field, so that what it gives is that of the whole; but the encoder's, whose field may be
 * larger than a window, are 128 pixels or an eighth of the window at most: it hardly heeds the ends of its field. The context's branches do, and see more than a window's side.
 */
export function cutPartWindows(parts: PooledParts, height: number, width: number, side: number): PartWindows {
  const { encoder, context, decoder, names, stride } = parts;
  const pixels = Math.max(side, 2 * grid);
  const strides = { [names.features]: stride, [names.context]: stride };
  const overlapOf = (part: Graph): number => {
    const fields = receptiveFields(part, inputShapes(parts, part, pixels, pixels), strides);
    return wideEnough(Math.max(...Object.values(part.outputs).flatMap((value) => fields.get(value)!)));
  };
  const cut = (window: number, overlap: number): Windows => {
    const along = (extent: number) => spans(extent, window, overlap);
    return { down: along(height), across: along(width), ramp: 0 };
  };
  const [reach, near] = [overlapOf(context), decoder && overlapOf(decoder)];
  return {
    encoder: cut(side, Math.min(overlapOf(encoder), Math.max(heeded, side / 8), side / 4)),
    context: cut(side + reach, reach),
    ...(near !== undefined && { decoder: cut(Math.max(side, 2 * near), near) }),
  };
}

/** An overlap in whose middle both windows see all of a field. */
const wideEnough = (field: number): number => grid * Math.ceil((field + grid) / grid);

/** How far apart input pixels can be that meet in one logit; Infinity where something is pooled over the whole input. */
function fieldOf(graph: Graph, side: number): number {
  if (graph.nodes.some(({ op }) => op.kind === 'adaptive_average_pool')) return Number.POSITIVE_INFINITY;
  const channels = graph.inputs.image.shape[3] ?? 3;
  const fields = receptiveFields(graph, { image: [1, side, side, channels] });
  return Math.max(...fields.get(graph.outputs.logits)!);
}

/** Spans of one length that cover an axis, evenly, each overlapping the next by about as much as is wanted: as few as can be, and no longer than they must be. */
export function spans(extent: number, window: number, wanted: number): Span[] {
  if (extent <= window) return [{ begin: 0, end: extent }];
  const overlap = Math.max(wanted, grid); // begins are rounded to the grid
  // as long as the whole, up to multiples of the grid: `same` padding falls on the same sides
  const rest = extent % grid;
  const longest = Math.max(1, Math.floor((window - rest) / grid)) * grid + rest;
  const steps = Math.ceil((extent - longest) / Math.max(grid, longest - overlap));
  const shortest = Math.ceil(((extent + steps * overlap) / (steps + 1) - rest) / grid) * grid + rest;
  const length = Math.min(longest, shortest);
  return Array.from({ length: steps + 1 }, (_, i) => {
    const begin = Math.round((i * (extent - length)) / steps / grid) * grid;
    return { begin, end: begin + length };
  });
}

/** Logits of the whole, where a window's begin and how much each counts there, along one axis. */
export interface BlendWeights {
  readonly begin: number;
  readonly weights: Float32Array;
}

/**
 * For each span, where its logits lie in those of the whole and what each counts: one within its own half of an overlap, nothing in
 * the other's, falling over the ramp between them. At every place they sum to one.
 * @param logits how many logits an extent of the input has
 */
export function blendWeights(
  spansOfAxis: readonly Span[],
  ramp: number,
  logits: (extent: number) => number,
): BlendWeights[] {
  const [{ begin, end }] = spansOfAxis;
  const length = end - begin;
  const perGrid = logits(length + grid) - logits(length);
  const pixels = grid / perGrid;
  const seams = spansOfAxis.slice(1).map((span, i) => ({ from: span.begin, to: spansOfAxis[i].end }));
  const middles = seams.map(({ from, to }) => (from + to) / 2);
  // within the overlap, and done before the next begins
  const room = [
    ...seams.map(({ from, to }) => to - from),
    ...middles.slice(1).map((at, i) => at - middles[i]),
  ];
  const reach = Math.max(0, Math.min(ramp, ...room.map((pixels) => pixels / 2)));
  return spansOfAxis.map((span, i) => ({
    begin: (span.begin / grid) * perGrid,
    weights: Float32Array.from({ length: logits(length) }, (_, j) => {
      const at = span.begin + (j + 0.5) * pixels;
      const after = i > 0 ? risen(at - middles[i - 1], reach) : 1;
      const before = i < middles.length ? 1 - risen(at - middles[i], reach) : 1;
      return after * before;
    }),
  }));
}

/** From 0 to 1 within the ramp around 0. */
const risen = (distance: number, ramp: number): number =>
  ramp === 0 ? Number(distance >= 0) : Math.min(1, Math.max(0, 0.5 + distance / (2 * ramp)));

/** Height, width and channels of the logits of an input. */
export function logitsShape(graph: Graph, height: number, width: number): readonly number[] {
  const channels = graph.inputs.image.shape[3] ?? 3;
  const { specs } = bind(graph, { image: [1, height, width, channels] });
  return specs.get(graph.outputs.logits)!.shape.slice(1);
}
