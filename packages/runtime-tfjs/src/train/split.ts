import { type Graph, inferGraph, type Model, type Node, namedValues, selectOutputs } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';

/** A network cut in two: what stays as it is, and what learns on the values that cross the cut. */
export interface Split {
  /** Gives the values that cross, by their names. */
  readonly frozen: Graph;
  /** Takes them as inputs, gives `logits`. */
  readonly learning: Graph;
}

/** The nodes of the encoder come first and carry this prefix. */
const encoder = 'encoder/';

/** Whether a node learns: all that is not of the encoder, and of the encoder what stands from a block on. */
function learns(graph: Graph, unfreezeFrom?: string): (node: Node) => boolean {
  if (unfreezeFrom === undefined) return ({ name }) => !name.startsWith(encoder);
  const first = graph.nodes.findIndex(({ name }) => name.startsWith(`${encoder}${unfreezeFrom}/`));
  if (first < 0) {
    const blocks = new Set(
      graph.nodes.flatMap(
        ({ name }) => /^encoder\/((?:entry|middle|exit)_flow\/\w+)\//.exec(name)?.[1] ?? [],
      ),
    );
    throw new AtrousError(
      'input',
      `unknown block "${unfreezeFrom}": expected one of ${[...blocks].join(', ')}; e.g. ${namedValues(graph)[0]}`,
    );
  }
  return (node) => graph.nodes.indexOf(node) >= first;
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
    frozen: selectOutputs(graph, values),
    learning: {
      inputs: Object.fromEntries(crossing.map((name) => [name, ports.get(name)!])),
      nodes: learning,
      outputs: graph.outputs,
      endpoints: {},
    },
  };
}
