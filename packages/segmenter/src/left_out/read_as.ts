import { briefList } from '@atrous/checkpoint';
import { type EncoderFamily, type WeightSource, weightShapes } from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';
import { type Architecture, buildNetwork, networkName } from '@atrous/zoo';

/** Stands for weights in the names and axes of others. It is called where those of a file of ours are not the network's, and says which. */
export function readAs(
  weights: WeightSource,
  _source: unknown,
  family: EncoderFamily,
  architecture: Architecture,
): never {
  const there = new Set(weights.names);
  const wrong = [...weightShapes(buildNetwork(family, architecture))]
    .filter(([name, shape]) => !there.has(name) || weights.spec(name).shape.join() !== shape.join())
    .map(([name, shape]) => `${name} [${shape.join(',')}]`);
  throw new AtrousError(
    'weights',
    `the weights do not fit the network (${networkName(architecture)}): ${wrong.length} missing or of another shape:\n  ${briefList(wrong).join('\n  ')}`,
  );
}
