import type { WeightSource } from '@atrous/graph';

/** Weights of which only names and shapes are known: enough to be recognised. */
export function namedWeights(
  shapes: Iterable<readonly [name: string, shape: readonly number[]]>,
): WeightSource {
  const byName = new Map(shapes);
  return {
    names: [...byName.keys()],
    spec: (name) => ({ dtype: 'float32', shape: byName.get(name)! }),
    read: (name) => Promise.reject(new Error(`${name} is a name alone`)),
  };
}

/** The same weights under other names; those that get no name are left out. */
export const renamed = (weights: WeightSource, rename: (name: string) => string | undefined): WeightSource =>
  namedWeights(
    weights.names.flatMap((name) => {
      const other = rename(name);
      return other === undefined ? [] : [[other, weights.spec(name).shape] as const];
    }),
  );

type Shapes = [string, readonly number[]][];

const norm = (scope: string, channels: number): Shapes =>
  ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((leaf) => [
    `${scope}/BatchNorm/${leaf}`,
    [channels],
  ]);

const convolution = (scope: string, kernel: number, from: number, to: number): Shapes => [
  [`${scope}/weights`, [kernel, kernel, from, to]],
  ...norm(scope, to),
];

/** TF-slim's MobileNetV2 as its checkpoints have it, up to the last block. */
export function slimMobileNet(): Shapes {
  const stages = [
    [1, 16, 1],
    [6, 24, 2],
    [6, 32, 3],
    [6, 64, 4],
    [6, 96, 3],
    [6, 160, 3],
    [6, 320, 1],
  ];
  const shapes = convolution('MobilenetV2/Conv', 3, 3, 32);
  let channels = 32;
  let index = 0;
  for (const [expansion, width, blocks] of stages) {
    for (let block = 0; block < blocks; block++, index++) {
      const scope = `MobilenetV2/expanded_conv${index === 0 ? '' : `_${index}`}`;
      const expanded = channels * expansion;
      if (expansion > 1) shapes.push(...convolution(`${scope}/expand`, 1, channels, expanded));
      shapes.push([`${scope}/depthwise/depthwise_weights`, [3, 3, expanded, 1]]);
      shapes.push(...norm(`${scope}/depthwise`, expanded));
      shapes.push(...convolution(`${scope}/project`, 1, expanded, width));
      channels = width;
    }
  }
  return shapes;
}

/** What TensorFlow's DeepLab has on it: image pooling and one 1×1 convolution, no decoder. */
export const slimMobileHead: Shapes = [
  ...convolution('image_pooling', 1, 320, 256),
  ...convolution('aspp0', 1, 320, 256),
  ...convolution('concat_projection', 1, 512, 256),
  ['logits/semantic/weights', [1, 1, 256, 21]],
  ['logits/semantic/biases', [21]],
];

/** Its ImageNet classifier, the background first. */
export const slimMobileClassifier: Shapes = [
  ...convolution('MobilenetV2/Conv_1', 1, 320, 1280),
  ['MobilenetV2/Logits/Conv2d_1c_1x1/weights', [1, 1, 1280, 1001]],
  ['MobilenetV2/Logits/Conv2d_1c_1x1/biases', [1001]],
];
