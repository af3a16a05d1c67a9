import { bind, type Graph } from '@atrous/graph';
import { AtrousError, type Port } from '@atrous/tensor';

/** More than any runtime can allocate for a picture; a larger number is a slip. */
const longestSide = 65_536;

/**
 * A graph whose inputs, and so all values, have one shape each; padding is numbers.
 * @param shapes the shape of each input, NHWC, e.g. `{ image: [1, 513, 513, 3] }`
 * @throws AtrousError `shape` naming the input or node that does not fit
 */
export function fixShapes(graph: Graph, shapes: Readonly<Record<string, readonly number[]>>): Graph {
  for (const [name, shape] of Object.entries(shapes)) {
    if (shape.some((extent) => extent > longestSide)) {
      throw new AtrousError(
        'shape',
        `input "${name}": expected sides of at most ${longestSide}, got [${shape.join(',')}]`,
      );
    }
  }
  const { nodes } = bind(graph, shapes);
  const fixed = Object.entries(graph.inputs).map(([name, { dtype }]): [string, Port] => [
    name,
    { dtype, shape: shapes[name] },
  ]);
  return { ...graph, nodes, inputs: Object.fromEntries(fixed) };
}
