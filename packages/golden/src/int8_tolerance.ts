import { foldedGraph, type Graph, int8Products } from '@atrous/graph';
import type { Tensor } from '@atrous/tensor';

/** Range of a row over its RMS, and largest magnitude of a column of weights over its RMS: what trained networks stay below. */
const crests = { row: 8, column: 5 };
const steps = 127;

/**
 * The relative RMS error that one product in 8 bits adds. Roundings are uniform within a step: the variance of a value is
 * (range / 127)² / 12, of a weight (max / 127)² / 12. Where they are independent of each other, the error of a sum of k products
 * has the variance k · rms(w)² · rms(x)² · (crest(x)² + crest(w)²) / (12 · 127²), and the sum itself k · rms(w)² · rms(x)².
 */
const errorOfOne = Math.sqrt((crests.row ** 2 + crests.column ** 2) / 12) / steps;

/**
 * How far a network in 8 bits may be from float32, as `rmsError`: √L times what one product adds, L being the most products in 8
 * bits on a way through the network. Errors of different layers are independent, and what lies between (depthwise
 * convolutions, rectifiers, sums, means) passes a relative error on. Two computations in 8 bits are as far from each other
 * once a float32 rounding has sent a value to another step, as they may in every engine.
 */
export function int8Tolerance(graph: Graph): number {
  return Math.sqrt(productsOnAWay(graph)) * errorOfOne;
}

/** Half of the last of 11 bits, relative to a weight: roundings are uniform within it. */
const errorOfHalves = 2 ** -11 / Math.sqrt(3);

/**
 * How far a network whose weights are rounded to half precision may be from float32, as `rmsError`: a sum of products has the relative error
 * of its weights where these are independent, and L sums, one after the other, √L times that.
 */
export function float16Tolerance(graph: Graph): number {
  return Math.sqrt(productsOnAWay(graph) + 1) * errorOfHalves; // one more: the layer that reads the picture
}

/** The most products in 8 bits on a way through a network. */
function productsOnAWay(graph: Graph): number {
  const folded = foldedGraph(graph);
  const products = int8Products(folded);
  const before = new Map<string, number>();
  for (const { name, inputs } of folded.nodes) {
    const most = Math.max(0, ...inputs.map((input) => before.get(input) ?? 0));
    before.set(name, most + (products.has(name) ? 1 : 0));
  }
  return Math.max(0, ...before.values());
}

/** The RMS of the difference over the RMS of what is expected. */
export function rmsError(actual: Tensor, expected: Tensor): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < expected.data.length; i++) {
    error += (actual.data[i] - expected.data[i]) ** 2;
    size += expected.data[i] ** 2;
  }
  return size > 0 ? Math.sqrt(error / size) : Math.sqrt(error);
}
