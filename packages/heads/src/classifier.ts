import {
  activation,
  adaptiveAveragePool,
  buildGraph,
  type ClassifierShape,
  conv2d,
  dense,
  type Encoder,
  type Graph,
  globalAveragePool,
  imageInput,
  type OutputStride,
  type Scope,
  softmax,
  type Value,
} from '@atrous/graph';
import { AtrousError } from '@atrous/tensor';

export interface ClassifierOptions {
  readonly classes: number;
  /** How the network ends. @default `{ kind: 'pooled' }`: global average pooling and one dense layer */
  readonly shape?: ClassifierShape;
  /** @default 'logits' */
  readonly output?: 'logits' | 'probabilities';
  /** @default 32 */
  readonly outputStride?: OutputStride;
  /** Channels of the picture. @default 3 */
  readonly channels?: 1 | 3;
}

/**
 * A classifier on any encoder. Takes `image` [N,H,W,channels]; gives `logits` or `probabilities` [N,classes], or each of
 * `shape.outputs` [N,units]. `features` and `embedding`, the pooled vector before the last layer, are endpoints.
 * @throws AtrousError `input` for a number of classes that is none
 */
export function classifier(encoder: Encoder, options: ClassifierOptions): Graph {
  const { classes, shape = { kind: 'pooled' }, output = 'logits', outputStride = 32, channels } = options;
  if (!shape.outputs && (!Number.isInteger(classes) || classes < 1)) {
    throw new AtrousError('input', `classifier: expected a positive number of classes, got ${classes}`);
  }
  return buildGraph(imageInput(channels), (root, { image }): Record<string, Value> => {
    const { last } = encoder.build(root.child('encoder'), image, { outputStride });
    const head = root.child('head');
    const embedding = (x: Value) => root.endpoint('embedding', x);
    if (shape.outputs) {
      const x = embedding(pooled(head, last));
      const answers = Object.entries(shape.outputs);
      return Object.fromEntries(answers.map(([name, units]) => [name, dense(head.child(name), x, units)]));
    }
    const logits = root.endpoint('logits', logitsOf[shape.kind](head, last, classes, shape, embedding));
    return output === 'logits' ? { logits } : { probabilities: softmax(head, logits) };
  });
}

const pooled = (scope: Scope, x: Value): Value => globalAveragePool(scope, x, { flatten: true });

type LogitsFunction = (
  head: Scope,
  last: Value,
  classes: number,
  shape: ClassifierShape,
  embedding: (x: Value) => Value,
) => Value;

const logitsOf: Readonly<Record<ClassifierShape['kind'], LogitsFunction>> = {
  pooled(head, last, classes, { hidden = [], activation: name }, embedding) {
    let x = pooled(head, last);
    hidden.forEach((units, i) => {
      const layer = head.child(`hidden${i + 1}`);
      x = activation(layer, dense(layer, x, units), name);
    });
    return dense(head, embedding(x), classes);
  },

  /** Dense layers over a whole map are convolutions of its size (Simonyan & Zisserman 2015, section 3.2). */
  convolutional(head, last, classes, { hidden = [], activation: name, kernel = 1, pools }, embedding) {
    let x = adaptiveAveragePool(head, last, { height: kernel, width: kernel, atLeast: pools === 'up-to' });
    hidden.forEach((channels, i) => {
      const layer = head.child(`hidden${i + 1}`);
      const window = { kernel: i === 0 ? kernel : 1, padding: [0, 0, 0, 0], bias: true } as const;
      x = activation(layer, conv2d(layer, x, { channels, ...window }), name);
    });
    return dense(head, embedding(pooled(head.child('after'), x)), classes);
  },

  'class-maps'(head, last, classes, { kernel = 1 }, embedding) {
    embedding(pooled(head.child('embedding'), last));
    return pooled(head, conv2d(head, last, { channels: classes, kernel, bias: true }));
  },
};

/** An encoder alone: takes `image` [N,H,W,channels], gives `features`; its taps are endpoints. */
export function encoderGraph(
  encoder: Encoder,
  { outputStride = 32, channels }: { outputStride?: OutputStride; channels?: 1 | 3 } = {},
): Graph {
  return buildGraph(imageInput(channels), (root, { image }) => ({
    features: encoder.build(root.child('encoder'), image, { outputStride }).last,
  }));
}
