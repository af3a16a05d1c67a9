import {
  type FoldedModel,
  type Graph,
  type Int8Kernel,
  inferGraph,
  int8Kernel,
  int8Products,
  int8Sums,
  type Node,
  readWeight,
  ruleOf,
  type WeightSource,
} from '@atrous/graph';
import { batchNormAffine, inputsOf } from '@atrous/graph/lowering';
import { columnBytes, padded } from './kernels.ts';
import { isWinograd, matrices, winogradKernel } from './winograd.ts';

/** Where the packed weights of a node lie, in bytes. */
export interface PackedWeights {
  /** Panels of B; [C/8][tap][8] of a depthwise convolution; what a batch norm or a factor multiplies by. */
  readonly kernel: number;
  /** The bias, or what a batch norm adds; zeros beside a factor; of a product in 8 bits all constants of its columns. */
  readonly bias: number;
}

export interface WeightLayout {
  readonly offsets: ReadonlyMap<string, PackedWeights>;
  readonly bytes: number;
  /** The convolutions that are computed by Winograd's method: their kernels lie as 16 matrices, one after the other. */
  readonly winograd: ReadonlySet<string>;
  /** The products in 8 bits, where there are any. */
  readonly int8?: Int8Layout;
}

export interface Int8Layout {
  readonly products: ReadonlySet<string>;
  /** How many weights of a column lie together: as the kernels of a build read them. */
  readonly depth: 2 | 4;
}

const withWeights = (node: Node) =>
  node.op.kind === 'conv2d' ||
  node.op.kind === 'dense' ||
  node.op.kind === 'depthwise_conv2d' ||
  isAffine(node);

/** A factor and a shift per channel, without a kernel. */
const isAffine = ({ op }: Node) => op.kind === 'batch_norm' || op.kind === 'scale';

/** Extents of a kernel as [taps, in, out]; depthwise as [taps, channels, 1]. */
function extents(node: Node, shape: readonly number[]): [taps: number, inputs: number, outputs: number] {
  if (node.op.kind === 'conv2d') return [shape[0] * shape[1], shape[2], shape[3]];
  if (node.op.kind === 'depthwise_conv2d') return [shape[0] * shape[1], shape[2], 1];
  return [1, shape[0], shape[1] ?? 1];
}

const sizesOf = (graph: Graph, inInt8: boolean) => {
  const ports = inferGraph(graph);
  const products = inInt8 ? int8Products(graph) : new Set<string>();
  return graph.nodes.filter(withWeights).map((node) => {
    const [input] = inputsOf(node, ports);
    const shapes = ruleOf(node.op).weights(node.op, [input]);
    const [taps, inputs, outputs] = extents(node, shapes.kernel ?? [input.shape.at(-1)!]);
    const isMatrix = node.op.kind === 'conv2d' || node.op.kind === 'dense';
    const channels = padded(isMatrix ? outputs : inputs);
    const isInt8 = products.has(node.name);
    const winograd = !isInt8 && isWinograd(node, inputs, outputs);
    const matrixTaps = winograd ? matrices : taps;
    const kernel = isMatrix ? matrixTaps * padded(inputs) * channels : taps * channels;
    return { node, taps, inputs, outputs, channels, kernel, shapes, isInt8, winograd };
  });
};

/**
 * Where everything will lie, before anything is read.
 * @param depth how many weights of a column lie together in 8 bits; undefined: all is in float32
 */
export function layOutWeights(graph: Graph, begin: number, depth?: Int8Layout['depth']): WeightLayout {
  const nodes = sizesOf(graph, depth !== undefined);
  const offsets = new Map<string, PackedWeights>();
  let at = begin;
  const take = (bytes: number) => {
    const offset = at;
    at += Math.ceil(bytes / 64) * 64;
    return offset;
  };
  for (const { node, kernel, channels, isInt8 } of nodes) {
    const sizes = isInt8 ? [kernel, (channels / 8) * columnBytes] : [kernel * 4, channels * 4];
    offsets.set(node.name, { kernel: take(sizes[0]), bias: take(sizes[1]) });
  }
  const namesOf = (kind: 'isInt8' | 'winograd') =>
    new Set(nodes.flatMap((one) => (one[kind] ? [one.node.name] : [])));
  const winograd = namesOf('winograd');
  return {
    offsets,
    bytes: at - begin,
    winograd,
    ...(depth && { int8: { products: namesOf('isInt8'), depth } }),
  };
}

/** Denormal weights are slow and mean nothing. */
const plain = (value: number): number => (Math.abs(value) < 1e-30 ? 0 : value);

/** Files answer slowly and in parallel: so many nodes' weights are read while others are packed. */
const nodesAhead = 3;

/** Every packed weight with its offset, a few at a time; nothing keeps them. */
export async function* packWeights(
  { graph, weights }: FoldedModel,
  layout: WeightLayout,
): AsyncGenerator<{ offset: number; data: Float32Array | Int8Array }> {
  const nodes = sizesOf(graph, layout.int8 !== undefined);
  const pending: ReturnType<typeof readNode | typeof readInt8Node>[] = [];
  for (let i = 0; i < nodes.length; i++) {
    while (pending.length <= nodesAhead && i + pending.length < nodes.length) {
      const node = nodes[i + pending.length];
      const reading = node.isInt8 ? readInt8Node(node, weights) : readNode(node, weights);
      reading.catch(() => {}); // whoever waits for it is told
      pending.push(reading);
    }
    const { kernel, bias } = await pending.shift()!;
    const at = layout.offsets.get(nodes[i].node.name)!;
    if ('scales' in kernel) {
      yield { offset: at.kernel, data: packInt8Panels(kernel.values, nodes[i], layout.int8!.depth) };
      yield { offset: at.bias, data: packColumns(kernel, bias, nodes[i].channels) };
    } else {
      yield { offset: at.kernel, data: packKernel(nodes[i], kernel) };
      yield { offset: at.bias, data: extended(bias, nodes[i].channels) };
    }
  }
}

type SizedNode = ReturnType<typeof sizesOf>[number];

async function readNode(
  { node, inputs, shapes }: SizedNode,
  weights: WeightSource,
): Promise<{ kernel: Float32Array; bias: Float32Array }> {
  if (node.op.kind === 'batch_norm') {
    const { scale, shift } = await batchNormAffine(weights, node.name, node.op, inputs);
    return { kernel: scale, bias: shift };
  }
  if (node.op.kind === 'scale')
    return { kernel: new Float32Array(inputs).fill(node.op.factor), bias: new Float32Array(inputs) };
  const [kernel, bias] = await Promise.all([
    readWeight(weights, `${node.name}/kernel`, shapes.kernel),
    shapes.bias ? readWeight(weights, `${node.name}/bias`, shapes.bias) : new Float32Array(0),
  ]);
  return { kernel, bias };
}

/** What a file holds in 8 bits stays as it is, all else is rounded. */
async function readInt8Node(
  { node, shapes, outputs }: SizedNode,
  weights: FoldedModel['weights'],
): Promise<{ kernel: Int8Kernel; bias: Float32Array }> {
  const name = `${node.name}/kernel`;
  const [held, bias] = await Promise.all([
    weights.readInt8(name),
    shapes.bias ? readWeight(weights, `${node.name}/bias`, shapes.bias) : new Float32Array(0),
  ]);
  return { kernel: held ?? int8Kernel(await readWeight(weights, name, shapes.kernel), outputs), bias };
}

function packKernel(
  { node, taps, inputs, outputs, channels, kernel, winograd }: SizedNode,
  source: Float32Array,
): Float32Array {
  if (isAffine(node)) return extended(source, channels);
  const data = new Float32Array(kernel);
  if (winograd) packMatrices(winogradKernel(source, inputs, outputs), data, { taps: 1, inputs, outputs });
  else if (node.op.kind === 'depthwise_conv2d') packDepthwise(source, data, taps, inputs);
  else packPanels(source, data, { taps, inputs, outputs });
  return data;
}

function extended(values: Float32Array, length: number): Float32Array {
  const all = new Float32Array(length);
  all.set(values.map(plain));
  return all;
}

/** [tap, C] to [C/8][tap][8]. */
function packDepthwise(source: Float32Array, data: Float32Array, taps: number, channels: number): void {
  for (let tap = 0; tap < taps; tap++) {
    for (let c = 0; c < channels; c++) {
      data[((c >> 3) * taps + tap) * 8 + (c & 7)] = plain(source[tap * channels + c]);
    }
  }
}

/** [tap, in, out] to [out/8][tap·padded(in)][8]. */
function packPanels(
  source: Float32Array,
  data: Float32Array,
  { taps, inputs, outputs }: { taps: number; inputs: number; outputs: number },
): void {
  const depth = padded(inputs);
  const k = taps * depth;
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < inputs; i++) {
      const from = (tap * inputs + i) * outputs;
      const to = (tap * depth + i) * 8;
      for (let first = 0, at = to; first < outputs; first += 8, at += k * 8) {
        const count = Math.min(8, outputs - first);
        for (let o = 0; o < count; o++) data[at + o] = plain(source[from + first + o]);
      }
    }
  }
}

/** [16, in, out] to [16][out/8][padded(in)][8]. */
function packMatrices(
  source: Float32Array,
  data: Float32Array,
  sizes: { taps: 1; inputs: number; outputs: number },
): void {
  const [from, to] = [source.length / matrices, data.length / matrices];
  for (let m = 0; m < matrices; m++)
    packPanels(source.subarray(m * from, (m + 1) * from), data.subarray(m * to, (m + 1) * to), sizes);
}

/** [tap, in, out] to [out/8][tap·padded(in)/together][8][together]. */
function packInt8Panels(
  source: Int8Array,
  { taps, inputs, outputs, kernel }: Pick<SizedNode, 'taps' | 'inputs' | 'outputs' | 'kernel'>,
  together: 2 | 4,
): Int8Array {
  const data = new Int8Array(kernel);
  const depth = padded(inputs);
  const panel = taps * depth * 8;
  for (let tap = 0; tap < taps; tap++) {
    for (let i = 0; i < inputs; i++) {
      const from = (tap * inputs + i) * outputs;
      const k = tap * depth + i;
      const to = (k - (k % together)) * 8 + (k % together);
      for (let o = 0; o < outputs; o++) data[(o >> 3) * panel + to + (o & 7) * together] = source[from + o];
    }
  }
  return data;
}

/** Of each panel of 8 columns: the biases, the scales, the sums of weights. */
function packColumns(kernel: Int8Kernel, bias: Float32Array, channels: number): Float32Array {
  const data = new Float32Array((channels / 8) * (columnBytes / 4));
  const wholes = new Int32Array(data.buffer);
  const sums = int8Sums(kernel);
  for (let o = 0; o < sums.length; o++) {
    const at = (o >> 3) * (columnBytes / 4) + (o & 7);
    data[at] = plain(bias[o] ?? 0);
    data[at + 8] = kernel.scales[o];
    wholes[at + 16] = sums[o];
  }
  return data;
}
