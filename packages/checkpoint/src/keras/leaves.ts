type Settings = Readonly<Record<string, unknown>>;

/** The names of a layer's weights in the order in which Keras 3 saves them. @param count how many there are */
type Leaves = (settings: Settings | undefined, count: number) => readonly string[];

const kernelAndBias: Leaves = () => ['kernel', 'bias'];

/** Without a configuration, three weights of a batch norm are taken for one without gamma, as `scale=False` makes it. */
const normalization =
  (...statistics: string[]): Leaves =>
  (settings, count) => {
    const learned = count - statistics.length;
    const hasGamma = settings ? settings.scale !== false : learned === 2;
    const hasBeta = settings ? settings.center !== false : learned >= 1;
    return [...(hasGamma ? ['gamma'] : []), ...(hasBeta ? ['beta'] : []), ...statistics];
  };

/** By class, as its group is called. */
const leavesOfClass: Readonly<Record<string, Leaves>> = {
  conv1d: kernelAndBias,
  conv2d: kernelAndBias,
  conv3d: kernelAndBias,
  conv1d_transpose: kernelAndBias,
  conv2d_transpose: kernelAndBias,
  conv3d_transpose: kernelAndBias,
  depthwise_conv1d: kernelAndBias,
  depthwise_conv2d: kernelAndBias,
  dense: kernelAndBias,
  einsum_dense: kernelAndBias,
  separable_conv1d: () => ['depthwise_kernel', 'pointwise_kernel', 'bias'],
  separable_conv2d: () => ['depthwise_kernel', 'pointwise_kernel', 'bias'],
  batch_normalization: normalization('moving_mean', 'moving_variance'),
  layer_normalization: normalization(),
  group_normalization: normalization(),
  normalization: () => ['mean', 'variance', 'count'],
  p_re_lu: () => ['alpha'],
  embedding: () => ['embeddings'],
};

/**
 * What a layer's weights 0, 1, … are called. Of a class that we do not know, a kernel with or without a bias and a batch norm
 * are told by their shapes; others keep their numbers.
 */
export function leafNames(
  className: string,
  settings: Settings | undefined,
  shapes: readonly (readonly number[])[],
): string[] {
  const known = Object.hasOwn(leavesOfClass, className)
    ? leavesOfClass[className](settings, shapes.length)
    : (leavesOfRanks[shapes.map(({ length }) => Math.min(length, 2)).join(' ')] ?? []);
  return shapes.map((_, i) => (shapes.length <= known.length ? known[i] : String(i)));
}

/** By the number of axes; 2 stands for more, too. */
const leavesOfRanks: Readonly<Record<string, readonly string[]>> = {
  '2': ['kernel'],
  '2 1': ['kernel', 'bias'],
  '1 1 1 1': ['gamma', 'beta', 'moving_mean', 'moving_variance'],
};

const keras1Leaves: Readonly<Record<string, string>> = {
  W: 'kernel',
  b: 'bias',
  running_mean: 'moving_mean',
  running_std: 'moving_variance', // Keras 1 called it so and stored the variance
};
const keras1Name =
  /_(W|b|running_mean|running_std|gamma|beta|depthwise_kernel|pointwise_kernel|kernel|bias)(_\d+)?$/;

/**
 * A weight's name in HDF5 files of Keras 1 and 2, e.g. `model/conv1_1/kernel:0` or `conv1_W_1:0`, as the layer that it
 * names and its leaf.
 */
export function splitWeightName(name: string): { readonly layer: string; readonly leaf: string } {
  const parts = name.replace(/:\d+$/, '').split('/');
  const last = parts.at(-1) ?? '';
  if (parts.length > 1) return { layer: parts.at(-2) ?? '', leaf: keras1Leaves[last] ?? last };
  const leaf = keras1Name.exec(last)?.[1];
  if (leaf === undefined) return { layer: '', leaf: last };
  return { layer: last.replace(keras1Name, ''), leaf: keras1Leaves[leaf] ?? leaf };
}
