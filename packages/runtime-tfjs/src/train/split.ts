import { type Graph, inferGraph, type Model, type Node, selectOutputs } from '@atrous/graph';
import { unknownName } from '@atrous/tensor';

/** A network cut in two: what stays as it is, and what learns on the values that cross the cut. */
export interface Split {
  /** Gives the values that cross, by their names; undefined where everything learns. */
  readonly frozen?: Graph;
  /** Takes them as inputs, gives `logits`. */
  readonly learning: Graph;
}

/** The nodes of the encoder come first and carry this prefix. */
const encoder = 'encoder/';

/** Which block of the encoder a layer is of: an encoder family's `blockOf`. */
export type BlockOf = (layer: string) => string | undefined;

/** Layers of the stem, and all of them where no family says better: the first two parts of the name. */
const firstTwoParts = (layer: string): string => layer.split('/').slice(0, 2).join('/');

const blockName = (layer: string, blockOf: BlockOf) => blockOf(layer) ?? firstTwoParts(layer);

/** Whether a node learns: all that is not of the encoder, and of the encoder what stands from a block on. */
function learns(graph: Graph, blockOf: BlockOf, unfreezeFrom?: string): (node: Node) => boolean {
  if (unfreezeFrom === undefined) return ({ name }) => !name.startsWith(encoder);
  const blocks = graph.nodes.map(({ name }) =>
    name.startsWith(encoder) ? blockName(name.slice(encoder.length), blockOf) : undefined,
  );
  const first = blocks.indexOf(unfreezeFrom);
  if (first < 0) {
    throw unknownName('block', unfreezeFrom, new Set(blocks.filter((block) => block !== undefined)));
  }
  const after = new Set(graph.nodes.slice(first));
  return (node) => after.has(node);
}

/**
 * Cuts a network before what learns.
 * @param blockOf of the encoder's family. @default the first two parts of a layer's name
 * @param unfreezeFrom the first block of the encoder that learns, e.g. `exit_flow/block1`. @default none
 * @throws AtrousError `input` for a block that is not there
 */
export function splitNetwork(
  model: Pick<Model, 'graph'>,
  unfreezeFrom?: string,
  blockOf: BlockOf = firstTwoParts,
): Split {
  const graph = selectOutputs(model.graph, ['logits']);
  const isLearning = learns(graph, blockOf, unfreezeFrom);
  const learning = graph.nodes.filter(isLearning);
  const names = new Set(learning.map(({ name }) => name));
  const ports = inferGraph(graph);
  const crossing = [...new Set(learning.flatMap(({ inputs }) => inputs))].filter((name) => !names.has(name));
  const values = crossing.filter((name) => !(name in graph.inputs));
  return {
    ...(values.length > 0 && { frozen: selectOutputs(graph, values) }),
    learning: {
      inputs: Object.fromEntries(crossing.map((name) => [name, ports.get(name)!])),
      nodes: learning,
      outputs: graph.outputs,
      endpoints: {},
    },
  };
}
