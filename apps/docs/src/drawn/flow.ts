/** The rows of the drawing of a network, out of our own graph of it. */
import { bind, buildGraph, cost, type Graph, imageInput, type OutputStride } from '@atrous/graph';
import { type VariantName, variants, xception, xceptionFamily } from '@atrous/xception';
import { network } from '@atrous/zoo';

export interface FlowRow {
  readonly flow: 'entry' | 'middle' | 'exit';
  readonly name: string;
  /** Channels of each convolution in it. */
  readonly widths: readonly number[];
  /** Whether these are separable; the first two convolutions of an Xception are not. */
  readonly separable: boolean;
  /** Height, width and channels of what comes out. */
  readonly shape: readonly [number, number, number];
  readonly stride: number;
  readonly rate: number;
  readonly multiplyAdds: number;
  /** How many such blocks follow each other. */
  readonly count: number;
}

export interface Flow {
  readonly rows: readonly FlowRow[];
  readonly multiplyAdds: number;
  /** With an ordinary convolution in place of each separable one. */
  readonly ordinary: number;
  readonly parameters: number;
}

const flowOf = (name: string): FlowRow['flow'] => name.split('_')[0] as FlowRow['flow'];

export function encoderGraph(variant: VariantName, outputStride: OutputStride): Graph {
  return buildGraph(imageInput(), (root, { image }) => {
    const { last } = xception(variant).build(root.child('encoder'), image, { outputStride });
    return { features: last };
  });
}

/** A variant at an output stride, on a picture of so many pixels. */
export function flow(variant: VariantName, outputStride: OutputStride, size: number): Flow {
  const graph = encoderGraph(variant, outputStride);
  const image = [1, size, size, 3];
  const { nodes, specs } = bind(graph, { image });
  const { nodes: costs, multiplyAdds, ordinary, parameters } = cost(graph, { image });
  const { stem, blocks } = variants[variant];
  const names = [
    ...stem.map((_, i) => ({
      name: `entry_flow/conv${i + 1}`,
      widths: [stem[i].channels],
      separable: false,
    })),
    ...blocks.map(({ name, widths }) => ({ name, widths, separable: true })),
  ];
  let before = size;
  const isOf = (node: string, name: string) =>
    node === `encoder/${name}` || node.startsWith(`encoder/${name}/`);
  const rows = names.map(({ name, widths, separable }): FlowRow => {
    const [, height, width, channels] = specs.get(graph.endpoints[name])!.shape;
    const rates = nodes.flatMap(({ name: node, op }) =>
      isOf(node, name) && op.kind === 'depthwise_conv2d' ? op.dilation : [],
    );
    const stride = Math.round(before / height);
    before = height;
    return {
      flow: flowOf(name),
      name: name.split('/')[1],
      widths,
      separable,
      shape: [height, width, channels],
      stride,
      rate: Math.max(1, ...rates),
      multiplyAdds: costs
        .filter((one) => isOf(one.name, name))
        .reduce((sum, one) => sum + one.multiplyAdds, 0),
      count: 1,
    };
  });
  return { rows: collapse(rows), multiplyAdds, ordinary: ordinary.multiplyAdds, parameters };
}

/** Equal blocks of the middle flow as one row. */
function collapse(rows: readonly FlowRow[]): FlowRow[] {
  const isSame = (a: FlowRow, b: FlowRow) =>
    JSON.stringify({ ...a, name: '', count: 1 }) === JSON.stringify({ ...b, name: '', count: 1 });
  const kept: FlowRow[] = [];
  for (const row of rows) {
    const last = kept.at(-1);
    if (last?.flow !== 'middle' || !isSame(last, row)) kept.push(row);
    else {
      const name = `${last.name.split('–')[0]}–${row.name.replace('block', '')}`;
      kept[kept.length - 1] = { ...last, name, count: last.count + 1 };
    }
  }
  return kept;
}

/** The share of multiply-adds that are 1×1 convolutions in DeepLabV3+ on Xception-65, 513×513, output stride 16. */
export function pointwiseShare(): number {
  const graph = network(xceptionFamily, 'deeplabv3plus-xception65', { classes: 21, outputStride: 16 });
  const { nodes, multiplyAdds } = cost(graph, { image: [1, 513, 513, 3] });
  const isPointwise = new Set(
    graph.nodes
      .filter(({ op }) => op.kind === 'conv2d' && op.kernel.every((side) => side === 1))
      .map(({ name }) => name),
  );
  const pointwise = nodes.filter(({ name }) => isPointwise.has(name));
  return pointwise.reduce((sum, node) => sum + node.multiplyAdds, 0) / multiplyAdds;
}
