import { type Cost, cost, type Graph, peakActivationBytes } from '@atrous/graph';
import { AtrousError, messageOf } from '@atrous/tensor';
import { type Published, published } from './published.ts';

export interface NamedGraph {
  readonly name: string;
  readonly graph: Graph;
}

/** What a network costs at one input. */
export interface ComparedNetwork {
  readonly network: string;
  readonly parameters: number;
  readonly macs: number;
  /** With an ordinary convolution in place of each separable one. */
  readonly ordinary: { readonly parameters: number; readonly macs: number };
  /** Of float32 values: the most that are alive at once, and all of them together. */
  readonly activationBytes: { readonly peak: number; readonly sum: number };
  /** Absent where nobody published it, or we do not know. */
  readonly published?: Published;
}

/** The graph's input for pictures of a size. */
export const imageShape = (
  { inputs }: Graph,
  { height, width }: { readonly height: number; readonly width: number },
): readonly number[] => [1, height, width, inputs.image.shape[3]!];

/**
 * Counts what networks cost for one picture of one size.
 * @throws AtrousError `shape` that names the network which such a picture is too small for
 */
export function compareGraphs(
  networks: readonly NamedGraph[],
  size: { readonly height: number; readonly width: number },
): ComparedNetwork[] {
  return networks.map(({ name, graph }) => {
    const shapes = { image: imageShape(graph, size) };
    const { parameters, multiplyAdds, ordinary, activationBytes } = costOf(name, graph, shapes);
    return {
      network: name,
      parameters,
      macs: multiplyAdds,
      ordinary: { parameters: ordinary.parameters, macs: ordinary.multiplyAdds },
      activationBytes: { peak: peakActivationBytes(graph, shapes), sum: activationBytes },
      ...(Object.hasOwn(published, name) && { published: published[name] }),
    };
  });
}

function costOf(name: string, graph: Graph, shapes: { readonly image: readonly number[] }): Cost {
  try {
    return cost(graph, shapes);
  } catch (cause) {
    throw new AtrousError('shape', `${name}: ${messageOf(cause)}`, { cause });
  }
}
