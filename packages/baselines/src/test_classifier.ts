import {
  activation,
  adaptiveAveragePool,
  buildGraph,
  conv2d,
  dense,
  type EncoderFamily,
  type FamilyOptions,
  type Graph,
  globalAveragePool,
  imageInput,
  type OutputStride,
} from '@atrous/graph';

/** A variant with the head that its row describes: `features` and `logits` [N,classes]. */
export function classifierOf(
  family: EncoderFamily,
  variant: string,
  {
    options,
    outputStride = 32,
    classes = 1000,
  }: { options?: FamilyOptions; outputStride?: OutputStride; classes?: number } = {},
): Graph {
  const { kind, hidden = [], activation: name, kernel = 1 } = family.variants[variant].classifier;
  return buildGraph(imageInput(), (root, { image }) => {
    const { last } = family.build(variant, options).build(root.child('encoder'), image, { outputStride });
    const head = root.child('head');
    let x = last;
    if (kind === 'convolutional') {
      x = adaptiveAveragePool(head, x, { height: kernel, width: kernel });
      hidden.forEach((channels, i) => {
        const layer = head.child(`hidden${i + 1}`);
        const window = { kernel: i === 0 ? kernel : 1, padding: [0, 0, 0, 0], bias: true } as const;
        x = activation(layer, conv2d(layer, x, { channels, ...window }), name);
      });
      return {
        features: last,
        logits: dense(head, globalAveragePool(head.child('after'), x, { flatten: true }), classes),
      };
    }
    x = globalAveragePool(head, x, { flatten: true });
    hidden.forEach((units, i) => {
      const layer = head.child(`hidden${i + 1}`);
      x = activation(layer, dense(layer, x, units), name);
    });
    return { features: last, logits: dense(head, x, classes) };
  });
}

/** A variant without a head. */
export function encoderOf(
  family: EncoderFamily,
  variant: string,
  { options, outputStride = 32 }: { options?: FamilyOptions; outputStride?: OutputStride } = {},
): Graph {
  return buildGraph(imageInput(), (root, { image }) => ({
    features: family.build(variant, options).build(root.child('encoder'), image, { outputStride }).last,
  }));
}
