import type { Areas } from './areas.ts';
import { intList, push, valuesOf } from './int_list.ts';

/**
 * The borders between areas, cut where more than two meet: each arc lies between the same two areas from end to end, so
 * that what is done to an arc is done to both. An arc has two halves, one for each direction: `2 * arc` and
 * `2 * arc + 1`. The border of an area is a closed walk over halves that have it to their right.
 */
export interface Arcs {
  readonly count: number;
  /** Corners of pixels where arcs turn, arc after arc, both ends included; a closed arc has its first point twice. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Where each arc begins in `x` and `y`; one more, for the end of the last. */
  readonly begin: Int32Array;
  /** The node where each half begins. Nodes are the ends of arcs: junctions, the picture's corners, a point of every closed arc. */
  readonly node: Int32Array;
  /** The area to the right of each half, -1 outside the picture. */
  readonly area: Int32Array;
  /** Whether each node is a point of a closed arc where nothing meets. */
  readonly isFree: Uint8Array;
  /** The halves that begin at each node by direction (right, down, left, up), 4 per node; -1 where there is none. */
  readonly leaving: Int32Array;
  /** The direction in which each half begins. */
  readonly direction: Uint8Array;
}

const [right, down, left, up] = [0, 1, 2, 3];
const bits = [1, 2, 4, 8];
/** The direction of a single bit. */
const directionOf = Uint8Array.of(0, right, down, 0, left, 0, 0, 0, up);
const isJunction = Array.from({ length: 16 }, (_, edges) => bits.filter((bit) => edges & bit).length > 2);

/** Traces every border of a picture once. */
export function arcsOf({ width, height, of }: Areas): Arcs {
  const stride = width + 1;
  const edges = edgesOf(width, height, of);
  const steps = [1, stride, -1, -stride];
  const nodeAt = new Int32Array(edges.length); // its number + 1
  const nodes = intList();
  const addNode = (point: number) => {
    push(nodes, point);
    nodeAt[point] = nodes.length;
  };
  for (let point = 0; point < edges.length; point++) if (isJunction[edges[point]]) addNode(point);
  for (const corner of [0, width, height * stride, height * stride + width]) addNode(corner);
  const junctions = nodes.length;

  const points = intList();
  const begin = intList();
  const node = intList();
  const area = intList();
  const direction = intList();
  const pixelAt = (x: number, y: number) =>
    x < 0 || y < 0 || x >= width || y >= height ? -1 : of[y * width + x];
  /** The area to the right of a step. */
  const rightOf = (point: number, step: number) => {
    const [x, y] = [point % stride, Math.floor(point / stride)];
    return pixelAt(step === down || step === left ? x - 1 : x, step === left || step === up ? y - 1 : y);
  };
  const trace = (start: number, first: number) => {
    push(begin, points.length);
    push(points, start);
    let point = start;
    let step = first;
    for (;;) {
      edges[point] &= ~bits[step];
      point += steps[step];
      edges[point] &= ~bits[(step + 2) % 4];
      if (nodeAt[point] > 0) break;
      const next = directionOf[edges[point]];
      if (next !== step) push(points, point);
      step = next;
    }
    push(points, point);
    const back = (step + 2) % 4;
    push(node, nodeAt[start] - 1);
    push(node, nodeAt[point] - 1);
    push(area, rightOf(start, first));
    push(area, rightOf(point, back));
    push(direction, first);
    push(direction, back);
  };
  for (let i = 0; i < junctions; i++) {
    const point = nodes.memory[i];
    for (let step = 0; step < 4; step++) if (edges[point] & bits[step]) trace(point, step);
  }
  // What is left are closed arcs that meet nothing, each found at its first corner.
  for (let point = 0; point < edges.length; point++) {
    if (edges[point] === 0) continue;
    addNode(point);
    trace(point, right);
  }
  push(begin, points.length);
  const leaving = new Int32Array(nodes.length * 4).fill(-1);
  for (let half = 0; half < node.length; half++)
    leaving[node.memory[half] * 4 + direction.memory[half]] = half;
  return {
    count: begin.length - 1,
    x: Float64Array.from(valuesOf(points), (point) => point % stride),
    y: Float64Array.from(valuesOf(points), (point) => Math.floor(point / stride)),
    begin: valuesOf(begin),
    node: valuesOf(node),
    area: valuesOf(area),
    isFree: Uint8Array.from({ length: nodes.length }, (_, i) => Number(i >= junctions)),
    leaving,
    direction: Uint8Array.from(valuesOf(direction)),
  };
}

/** The directions in which a border leaves each corner of pixels, as bits. */
function edgesOf(width: number, height: number, of: Int32Array): Uint8Array {
  const stride = width + 1;
  const edges = new Uint8Array(stride * (height + 1));
  for (let y = 0; y <= height; y++) {
    for (let x = 0; x <= width; x++) {
      const point = y * stride + x;
      const pixel = y * width + x;
      if (x < width && (y === 0 || y === height || of[pixel - width] !== of[pixel])) {
        edges[point] |= bits[right];
        edges[point + 1] |= bits[left];
      }
      if (y < height && (x === 0 || x === width || of[pixel - 1] !== of[pixel])) {
        edges[point] |= bits[down];
        edges[point + stride] |= bits[up];
      }
    }
  }
  return edges;
}
