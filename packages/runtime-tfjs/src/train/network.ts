import { bind, type Graph, type OpTable } from '@atrous/graph';
import { dispatch } from '@atrous/graph/lowering';
import { AtrousError } from '@atrous/tensor';
import type { Tensor, Variable } from '@tensorflow/tfjs-core';
import type { Tf } from '../tf.ts';
import { activationGradients } from './activation_gradients.ts';
import { frozenBatchNorm, liveBatchNorm } from './batch_norm_gradients.ts';
import { convolution, depthwise, pointwise } from './convolution_gradients.ts';
import {
  adaptiveAverage,
  add,
  addBias,
  concat,
  globalAverage,
  multiply,
  resize,
  scale,
} from './gradients.ts';
import { averageUnderWindow, largestUnderWindow } from './pool_gradients.ts';

/** How batch norms behave: with their own statistics, or with those of the batch, which they gather. */
export type BatchNormMode = 'frozen' | 'live';

/** Weights by name; those that learn are variables. */
export type Parameters = ReadonlyMap<string, Tensor | Variable>;

/** How much of the old moving statistics a live batch norm keeps. */
const momentum = 0.9;

interface Step {
  /** The node's. */
  readonly name: string;
  readonly inputs: readonly Tensor[];
  /** Nothing that learns stands before its first input. */
  readonly isConstant: boolean;
  readonly weight: (leaf: string) => Tensor;
}

/** Gathers the statistics of live batch norms until a step is over. */
export type Statistics = Map<string, { mean: Tensor; variance: Tensor }>;

const refuse = (kind: string) => () => {
  throw new AtrousError(
    'unsupported',
    `training: ${kind} has no gradient here: keep what stands before it frozen`,
  );
};

export interface ForwardOptions {
  readonly mode: BatchNormMode;
  /** Given while learning. */
  readonly statistics?: Statistics;
}

function operatorsOn(tf: Tf, { mode, statistics }: ForwardOptions) {
  const activations = activationGradients(tf);
  return {
    conv2d(op, { inputs: [x], weight, isConstant }) {
      const y = convolution(tf, x, weight('kernel'), op, isConstant);
      return op.bias ? addBias(tf, y, weight('bias')) : y;
    },
    depthwise_conv2d(op, { inputs: [x], weight, isConstant }) {
      const y = depthwise(tf, x, weight('kernel'), op, isConstant);
      return op.bias ? addBias(tf, y, weight('bias')) : y;
    },
    batch_norm(op, { name, inputs: [x], weight }) {
      const values = [x, weight('gamma'), weight('beta')] as const;
      if (mode === 'frozen' || !statistics) {
        const given = { mean: weight('mean'), variance: weight('variance') };
        return frozenBatchNorm(tf, values, given, op.epsilon);
      }
      return liveBatchNorm(tf, values, op.epsilon, (mean, variance) => {
        statistics.set(name, { mean: tf.keep(mean.clone()), variance: tf.keep(variance.clone()) });
      });
    },
    activation: (op, { inputs: [x] }) => activations[op.function](x),
    pool: (op, { inputs: [x] }) =>
      (op.function === 'max' ? largestUnderWindow : averageUnderWindow)(tf, x, op),
    global_average_pool: (op, { inputs: [x] }) => globalAverage(tf, x, op.flatten),
    adaptive_average_pool: (op, { inputs: [x] }) => adaptiveAverage(tf, x, op),
    add: (_op, { inputs: [a, b] }) => add(tf, a, b),
    multiply: (_op, { inputs: [a, b] }) => multiply(tf, a, b),
    scale: (op, { inputs: [x] }) => scale(tf, x, op.factor),
    concat: (_op, { inputs }) => concat(tf, inputs),
    resize_bilinear: (op, { inputs: [x, like] }) =>
      resize(tf, x, [like.shape[1]!, like.shape[2]!], op.convention),
    dense(op, { inputs: [x], weight, isConstant }) {
      const y = pointwise(tf, x, weight('kernel'), isConstant);
      return op.bias ? addBias(tf, y, weight('bias')) : y;
    },
    softmax: refuse('softmax'),
    arg_max: refuse('arg-max'),
  } satisfies OpTable<[Step], Tensor>;
}

/** Computes a graph's outputs from its inputs, differentiable in its variables. Call it in a tidy. */
export function forward(
  tf: Tf,
  graph: Graph,
  feeds: Readonly<Record<string, Tensor>>,
  parameters: Parameters,
  options: ForwardOptions,
): Record<string, Tensor> {
  const shapes = Object.fromEntries(Object.entries(feeds).map(([name, { shape }]) => [name, shape]));
  const values = new Map<string, Tensor>(Object.entries(feeds));
  const constant = new Set(Object.keys(feeds));
  const learning = new Set([...parameters.keys()].map((name) => name.slice(0, name.lastIndexOf('/'))));
  const operators = operatorsOn(tf, options);
  for (const node of bind(graph, shapes).nodes) {
    const isConstant = constant.has(node.inputs[0]);
    values.set(
      node.name,
      dispatch(operators, node.op, {
        name: node.name,
        inputs: node.inputs.map((name) => values.get(name)!),
        isConstant,
        weight: (leaf) => parameters.get(`${node.name}/${leaf}`)!,
      }),
    );
    if (!learning.has(node.name) && node.inputs.every((name) => constant.has(name))) constant.add(node.name);
  }
  return Object.fromEntries(Object.entries(graph.outputs).map(([name, value]) => [name, values.get(value)!]));
}

/** Moves the moving statistics towards those of a step, and frees these. */
export function gatherStatistics(tf: Tf, parameters: Parameters, statistics: Statistics): void {
  for (const [node, { mean, variance }] of statistics) {
    for (const [leaf, value] of [
      ['mean', mean],
      ['variance', variance],
    ] as const) {
      const moving = parameters.get(`${node}/${leaf}`) as Variable;
      tf.tidy(() => moving.assign(tf.add(tf.mul(moving, momentum), tf.mul(value, 1 - momentum))));
      value.dispose();
    }
  }
  statistics.clear();
}
