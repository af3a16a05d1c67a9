import {
  type Activation,
  bind,
  boundPadding,
  dispatch,
  foldBatchNorm,
  type Model,
  type OpOf,
  type OpTable,
  type Padding,
  weightShapes,
} from '@atrous/graph';
import { type Session, type Tensor, tensor } from '@atrous/tensor';
import * as tf from '@tensorflow/tfjs-core';

type Inputs = readonly tf.Tensor[];
type Weights = (leaf: string) => tf.Tensor;

const explicit = (padding: Padding): tf.backend_util.ExplicitPadding => {
  const [top, bottom, left, right] = boundPadding(padding);
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
};
const activations: Record<Activation['function'], (x: tf.Tensor) => tf.Tensor> = {
  relu: tf.relu,
  relu6: tf.relu6,
  elu: tf.elu,
};

/** What both of TensorFlow.js' fused convolutions take. */
const fused = (
  op: OpOf<'conv2d'> | OpOf<'depthwise_conv2d'>,
  [x]: Inputs,
  weights: Weights,
  activation: 'relu' | undefined,
) => ({
  x: x as tf.Tensor4D,
  filter: weights('kernel') as tf.Tensor4D,
  strides: [...op.stride] as [number, number],
  dilations: [...op.dilation] as [number, number],
  pad: explicit(op.padding) as unknown as number,
  ...(op.bias && { bias: weights('bias') }),
  activation: activation ?? ('linear' as const),
});

/** The folded graph as a TensorFlow.js user's converter would leave it: convolutions fused with bias and ReLU. */
const operators: OpTable<[Inputs, Weights, 'relu' | undefined], tf.Tensor> = {
  conv2d: (op, inputs, weights, activation) => tf.fused.conv2d(fused(op, inputs, weights, activation)),
  depthwise_conv2d: (op, inputs, weights, activation) =>
    tf.fused.depthwiseConv2d(fused(op, inputs, weights, activation)),
  batch_norm: () => {
    throw new Error('batch norms are folded here');
  },
  activation: (op, [x]) => activations[op.function](x),
  pool: (op, [x]) => {
    const strides = [...op.stride] as [number, number];
    const kernel = [...op.kernel] as [number, number];
    const [top, bottom, left, right] = boundPadding(op.padding);
    const padded = tf.pad(
      x as tf.Tensor4D,
      [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ],
      -3e38,
    );
    return tf.maxPool(padded, kernel, strides, 'valid');
  },
  global_average_pool: (op, [x]) => tf.mean(x, [1, 2], !op.flatten),
  add: (_op, [a, b]) => tf.add(a, b),
  concat: (_op, values) => tf.concat([...values], -1),
  resize_bilinear: (op, [x, like]) =>
    tf.image.resizeBilinear(
      x as tf.Tensor4D,
      [like.shape[1]!, like.shape[2]!],
      op.convention === 'align-corners',
      op.convention === 'half-pixel',
    ),
  dense: (_op, [x], weights) =>
    tf.add(tf.matMul(x as tf.Tensor2D, weights('kernel') as tf.Tensor2D), weights('bias')),
  softmax: (_op, [x]) => tf.softmax(x),
  arg_max: (_op, [x]) => tf.argMax(x, -1),
};

/** A model on whatever backend is set. */
export async function tfjsSession(model: Model): Promise<Session> {
  const folded = foldBatchNorm(model);
  const { graph } = folded;
  const kinds = new Map(graph.nodes.map(({ name, op }) => [name, op.kind]));
  const weights = new Map<string, tf.Tensor>();
  for (const [name, shape] of weightShapes(graph)) {
    const { data } = await folded.weights.read(name);
    const isDepthwise =
      kinds.get(name.slice(0, name.lastIndexOf('/'))) === 'depthwise_conv2d' && name.endsWith('kernel');
    weights.set(name, tf.tensor(data as Float32Array, isDepthwise ? [...shape, 1] : [...shape]));
  }
  const readers = new Map<string, string[]>();
  for (const node of graph.nodes) {
    for (const input of node.inputs) readers.set(input, [...(readers.get(input) ?? []), node.name]);
  }
  const nodes = new Map(graph.nodes.map((node) => [node.name, node]));
  const outputs = new Set(Object.values(graph.outputs));
  const fusable = new Set(['conv2d', 'depthwise_conv2d']);

  return {
    inputs: graph.inputs,
    outputs: {},
    async run(feeds) {
      const shapes = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
      const bound = bind(graph, shapes);
      const results = tf.tidy(() => {
        const values = new Map<string, tf.Tensor>();
        for (const [name, feed] of Object.entries(feeds)) {
          values.set(name, tf.tensor(feed.data as Float32Array, [...feed.shape]));
        }
        const left = new Map([...readers].map(([name, all]) => [name, all.length]));
        for (const node of bound.nodes) {
          if (values.has(node.name)) continue; // fused into the convolution before it
          const inputs = node.inputs.map((name) => values.get(name)!);
          const [reader, ...others] = readers.get(node.name) ?? [];
          const next = others.length === 0 && !outputs.has(node.name) ? nodes.get(reader) : undefined;
          const relu =
            fusable.has(node.op.kind) && next?.op.kind === 'activation' && next.op.function === 'relu';
          const value = dispatch(
            operators,
            node.op,
            inputs,
            (leaf) => weights.get(`${node.name}/${leaf}`)!,
            relu ? 'relu' : undefined,
          );
          values.set(relu && next ? next.name : node.name, value);
          for (const name of node.inputs) {
            left.set(name, left.get(name)! - 1);
            if (left.get(name) === 0 && !outputs.has(name)) values.get(name)?.dispose();
          }
        }
        return Object.fromEntries(
          Object.entries(graph.outputs).map(([name, value]) => [name, values.get(value)!]),
        );
      });
      const read: Record<string, Tensor> = {};
      for (const [name, value] of Object.entries(results)) {
        read[name] = tensor('float32', value.shape, (await value.data()) as Float32Array);
        value.dispose();
      }
      return read;
    },
    async dispose() {
      for (const weight of weights.values()) weight.dispose();
    },
  };
}
