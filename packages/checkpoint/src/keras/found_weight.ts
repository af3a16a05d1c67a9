import type { Dataset } from '../hdf5/dataset.ts';
import type { Hdf5Object } from '../hdf5/object.ts';

/** A weight where it was found in a file. */
export interface FoundWeight {
  /** The names of the layers around it, the model in a model first; its own layer's is the last. */
  readonly layers: readonly string[];
  /** E.g. `kernel`. */
  readonly leaf: string;
  readonly dataset: Dataset;
  /** Keras says so in an attribute. */
  readonly isBfloat16: boolean;
}

/** A weight out of its dataset. undefined where the object is a group. */
export function foundWeight(
  layers: readonly string[],
  leaf: string,
  { dataset, texts }: Hdf5Object,
): FoundWeight | undefined {
  return dataset && { layers, leaf, dataset, isBfloat16: texts.get('dtype')?.[0] === 'bfloat16' };
}

/**
 * Keras 2 calls the kernel of a depthwise convolution `depthwise_kernel`, Keras 3 `kernel` as that of any other; that of a
 * separable one is `depthwise_kernel` in both.
 */
export function unifyDepthwise(layer: readonly FoundWeight[]): FoundWeight[] {
  const isSeparable = layer.some(({ leaf }) => leaf === 'pointwise_kernel');
  return layer.map((weight) =>
    weight.leaf === 'depthwise_kernel' && !isSeparable ? { ...weight, leaf: 'kernel' } : weight,
  );
}
