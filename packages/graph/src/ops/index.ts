import { type Activation, activation } from './activation.ts';
import { type AdaptiveAveragePool, adaptiveAveragePool } from './adaptive_average_pool.ts';
import { type Add, add } from './add.ts';
import { type ArgMax, argMax } from './arg_max.ts';
import { type BatchNorm, batchNorm } from './batch_norm.ts';
import { type Concat, concat } from './concat.ts';
import { type Conv2d, conv2d } from './conv2d.ts';
import { type Dense, dense } from './dense.ts';
import { type DepthwiseConv2d, depthwiseConv2d } from './depthwise_conv2d.ts';
import { type GlobalAveragePool, globalAveragePool } from './global_average_pool.ts';
import { type Multiply, multiply } from './multiply.ts';
import { type Pool, pool } from './pool.ts';
import { type ResizeBilinear, resizeBilinear } from './resize_bilinear.ts';
import type { OpRule } from './rule.ts';
import { type Scale, scale } from './scale.ts';
import { type Softmax, softmax } from './softmax.ts';

/** The closed union of operators. A runtime lowers each of them, or does not compile. */
export type Op =
  | Conv2d
  | DepthwiseConv2d
  | BatchNorm
  | Activation
  | Pool
  | GlobalAveragePool
  | AdaptiveAveragePool
  | Add
  | Multiply
  | Scale
  | Concat
  | ResizeBilinear
  | Dense
  | Softmax
  | ArgMax;

export type OpKind = Op['kind'];
export type OpOf<K extends OpKind> = Extract<Op, { kind: K }>;

/** A table with one entry per operator: `satisfies OpTable<…>` is how a runtime proves that it has them all. */
export type OpTable<Args extends readonly unknown[], Result> = {
  readonly [K in OpKind]: (op: OpOf<K>, ...args: Args) => Result;
};

const rules: { readonly [K in OpKind]: OpRule<OpOf<K>> } = {
  conv2d,
  depthwise_conv2d: depthwiseConv2d,
  batch_norm: batchNorm,
  activation,
  pool,
  global_average_pool: globalAveragePool,
  adaptive_average_pool: adaptiveAveragePool,
  add,
  multiply,
  scale,
  concat,
  resize_bilinear: resizeBilinear,
  dense,
  softmax,
  arg_max: argMax,
};

/** The rule of an operator: its shapes, weights and cost. */
export function ruleOf<O extends Op>(op: O): OpRule<O> {
  return rules[op.kind] as unknown as OpRule<O>;
}

/** Looks an operator up in a table and calls what stands there. */
export function dispatch<Args extends readonly unknown[], Result>(
  table: OpTable<Args, Result>,
  op: Op,
  ...args: Args
): Result {
  return (table[op.kind] as (op: Op, ...args: Args) => Result)(op, ...args);
}
