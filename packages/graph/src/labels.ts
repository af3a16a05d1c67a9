import type { ResizeConvention } from '@atrous/tensor';
import type { Graph, Node } from './graph.ts';

/**
 * The same network ending in a label map: `logits` resized to the input's size, then arg-max. For those who run the
 * network elsewhere; inside Atrous, label maps are made from small logits without this.
 * @returns a graph whose one output is `labels`, [N,H,W]
 */
export function withLabels(graph: Graph, resize: ResizeConvention): Graph {
  const [image] = Object.keys(graph.inputs);
  const nodes: Node[] = [
    {
      name: 'labels/resize',
      op: { kind: 'resize_bilinear', convention: resize },
      inputs: [graph.outputs.logits, image],
    },
    { name: 'labels/arg_max', op: { kind: 'arg_max' }, inputs: ['labels/resize'] },
  ];
  return { ...graph, nodes: [...graph.nodes, ...nodes], outputs: { labels: 'labels/arg_max' } };
}
