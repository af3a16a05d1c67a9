import { type Model, type WeightSource, weightShapes } from '@atrous/graph';
import { AtrousError, tensor } from '@atrous/tensor';
import { random } from './random.ts';

/**
 * The same network with a classifier for other classes: its kernel drawn anew (normal, deviation 0.01), its bias zero.
 * @throws AtrousError `unsupported` where the network does not end in a convolution
 */
export function replaceClassifier({ graph, weights }: Model, classes: number, seed: number): Model {
  const last = graph.outputs.logits;
  const node = graph.nodes.find(({ name }) => name === last);
  if (node?.op.kind !== 'conv2d') {
    throw new AtrousError('unsupported', 'training: expected a network whose logits come from a convolution');
  }
  const replaced = {
    ...graph,
    nodes: graph.nodes.map((other) =>
      other === node ? { ...node, op: { ...node.op, channels: classes } } : other,
    ),
  } as Model['graph'];
  const shapes = weightShapes(replaced);
  const own = (name: string) => name.startsWith(`${last}/`);
  const fresh: WeightSource = {
    names: weights.names,
    spec: (name) => (own(name) ? { dtype: 'float32', shape: shapes.get(name)! } : weights.spec(name)),
    async read(name) {
      if (!own(name)) return weights.read(name);
      const shape = shapes.get(name)!;
      const value = tensor('float32', shape);
      const draw = random(seed);
      if (name.endsWith('/kernel'))
        for (let i = 0; i < value.data.length; i++) value.data[i] = 0.01 * draw.normal();
      return value;
    },
  };
  return { graph: replaced, weights: fresh };
}
