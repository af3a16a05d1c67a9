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

/** Whether a node learns: all that is not of the encoder, and of the encoder what stands from a block on. */
function learns(graph: Graph, unfreezeFrom?: string): (node: Node) => boolean {
  if (unfreezeFrom === undefined) return ({ name }) => !name.startsWith(encoder);
  const block = `${encoder}${unfreezeFrom}`;
  const first = graph.nodes.findIndex(({ name }) => name === block || name.startsWith(`${block}/`));
  if (first < 0) {
    const blocks = graph.nodes.flatMap(({ name }) => {
      return /^encoder\/((?:entry|middle|exit)_flow\/\w+)(?:\/|$)/.exec(name)?.[1] ?? [];
    });
    throw unknownName('block', unfreezeFrom, new Set(blocks));
  }
  const after = new Set(graph.nodes.slice(first));
  return (node) => after.has(node);
}

/**
 * Cuts a network before what learns.
 * @param unfreezeFrom the first block of the encoder that learns, e.g. `exit_flow/block1`. @default none
 * @throws AtrousError `input` for a block that is not there
 */
export function splitNetwork(model: Pick<Model, 'graph'>, unfreezeFrom?: string): Split {
  const graph = selectOutputs(model.graph, ['logits']);
  const isLearning = learns(graph, unfreezeFrom);
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
