import {
  activation,
  buildGraph,
  dense,
  type Encoder,
  type Graph,
  globalAveragePool,
  imageInput,
  type OutputStride,
  softmax,
  type Value,
} from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';

export interface ClassifierOptions {
  readonly classes: number;
  /** Units of fully-connected layers with ReLU before the last one (Chollet 2017, section 4.3, has two of 4096). @default none */
  readonly hidden?: readonly number[];
  /** @default 'logits' */
  readonly output?: 'logits' | 'probabilities';
  /** @default 32 */
  readonly outputStride?: OutputStride;
}

/**
 * A classifier on any encoder: global average pooling, optional fully-connected layers, logits or softmax.
 * Takes `image` [N,H,W,3]; gives `logits` or `probabilities` [N,classes]. `features` and `embedding`, the pooled
 * vector, are endpoints.
 */
export function classifier(encoder: Encoder, options: ClassifierOptions): Graph {
  const { classes, hidden = [], output = 'logits', outputStride = 32 } = options;
  if (!Number.isInteger(classes) || classes < 1) {
    throw new AtrousError('input', `classifier: expected a positive number of classes, got ${classes}`);
  }
  return buildGraph(imageInput(), (root, { image }): Record<string, Value> => {
    const { last } = encoder.build(root.child('encoder'), image, { outputStride });
    const head = root.child('head');
    let x = root.endpoint('embedding', globalAveragePool(head, last, { flatten: true }));
    hidden.forEach((units, i) => {
      const layer = head.child(`hidden${i + 1}`);
      x = activation(layer, dense(layer, x, units));
    });
    const logits = root.endpoint('logits', dense(head, x, classes));
    return output === 'logits' ? { logits } : { probabilities: softmax(head, logits) };
  });
}

/** An encoder alone: takes `image` [N,H,W,3], gives `features`; its taps are endpoints. */
export function encoderGraph(encoder: Encoder, options: { outputStride?: OutputStride } = {}): Graph {
  return buildGraph(imageInput(), (root, { image }) => {
    const { last } = encoder.build(root.child('encoder'), image, {
      outputStride: options.outputStride ?? 32,
    });
    return { features: last };
  });
}
