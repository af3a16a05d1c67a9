import { bytesPerElement, sizeOf, type TensorSpec } from '@atrous/tensor';
import { type BoundGraph, bind } from './bind.ts';
import { type Graph, inputsOf } from './graph.ts';
import { type OpOf, ruleOf } from './ops/index.ts';
import { separablePairs } from './separable_pairs.ts';

export interface NodeCost {
  readonly name: string;
  readonly kind: string;
  readonly output: TensorSpec;
  /** Multiply-adds of convolutions and dense layers, taps on padding counted. */
  readonly multiplyAdds: number;
  /** Trainable: kernels, biases, gamma and beta. */
  readonly parameters: number;
  /** Moving statistics of batch norms. */
  readonly statistics: number;
  /** Bytes of the output. */
  readonly activationBytes: number;
}

export interface Cost {
  readonly nodes: readonly NodeCost[];
  readonly multiplyAdds: number;
  readonly parameters: number;
  readonly statistics: number;
  /** Sum over all nodes: what a runtime without any reuse would hold. */
  readonly activationBytes: number;
  /**
   * The same network with an ordinary convolution in place of each separable one: a separable convolution
   * costs 1/C_out + 1/K² of it (Chollet 2017, section 1; Howard et al. 2017, section 3.1).
   */
  readonly ordinary: { readonly multiplyAdds: number; readonly parameters: number };
}

const statistics = new Set(['mean', 'variance']);

/**
 * What a network costs for one size of its inputs.
 * @param shapes e.g. `{ image: [1, 513, 513, 3] }`
 */
export function cost(graph: Graph, shapes: Readonly<Record<string, readonly number[]>>): Cost {
  const bound = bind(graph, shapes);
  const nodes = bound.nodes.map((node): NodeCost => {
    const inputs = inputsOf(node, bound.specs);
    const output = bound.specs.get(node.name)!;
    const rule = ruleOf(node.op);
    const weights = Object.entries(rule.weights(node.op, inputs));
    const count = (isStatistic: boolean) =>
      weights.reduce(
        (sum, [leaf, shape]) => sum + (statistics.has(leaf) === isStatistic ? sizeOf(shape) : 0),
        0,
      );
    return {
      name: node.name,
      kind: node.op.kind,
      output,
      multiplyAdds: rule.multiplyAdds(node.op, inputs, output),
      parameters: count(false),
      statistics: count(true),
      activationBytes: sizeOf(output.shape) * bytesPerElement(output.dtype),
    };
  });
  const total = (key: 'multiplyAdds' | 'parameters' | 'statistics' | 'activationBytes') =>
    nodes.reduce((sum, node) => sum + node[key], 0);
  const extra = ordinaryExtra(bound, nodes);
  return {
    nodes,
    multiplyAdds: total('multiplyAdds'),
    parameters: total('parameters'),
    statistics: total('statistics'),
    activationBytes: total('activationBytes'),
    ordinary: {
      multiplyAdds: total('multiplyAdds') + extra.multiplyAdds,
      parameters: total('parameters') + extra.parameters,
    },
  };
}

/** What ordinary convolutions would cost beyond the separable ones that they replace. */
function ordinaryExtra(bound: BoundGraph, costs: readonly NodeCost[]) {
  const costOf = new Map(costs.map((cost) => [cost.name, cost]));
  let multiplyAdds = 0;
  let parameters = 0;
  for (const { depthwise, pointwise, isPointwiseFirst } of separablePairs(bound)) {
    const [pointwiseCost, depthwiseCost] = [costOf.get(pointwise.name)!, costOf.get(depthwise.name)!];
    const taps = sizeOf((depthwise.op as OpOf<'depthwise_conv2d'>).kernel);
    // The ordinary one has each tap between each pair of channels, at each pixel that comes out of the two.
    const channels = bound.specs.get(pointwise.inputs[0])!.shape.at(-1)!;
    const ordinary = isPointwiseFirst
      ? depthwiseCost.multiplyAdds * channels
      : pointwiseCost.multiplyAdds * taps;
    multiplyAdds += ordinary - pointwiseCost.multiplyAdds - depthwiseCost.multiplyAdds;
    parameters += pointwiseCost.parameters * (taps - 1) - depthwiseCost.parameters;
  }
  return { multiplyAdds, parameters };
}
