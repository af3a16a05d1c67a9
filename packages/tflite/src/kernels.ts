import {
  castToHalf,
  castToInt8,
  halfOverflows,
  type Model,
  type WeightSource,
  weightShapes,
} from '@atrous/graph';
import { scaleName } from '@atrous/graph/lowering';
import { floatsOf } from '@atrous/tensor';

/** How kernels are kept in the file; everything else is float32. */
export type KernelPrecision = 'float32' | 'float16' | 'int8';

/** Weights as the file keeps them, and what has to be known of them before they are written. */
export interface StoredWeights {
  readonly weights: WeightSource;
  /** The scales of 8-bit kernels, one per output channel. */
  readonly scales: ReadonlyMap<string, Float32Array>;
  /** Kernels that stay in float32 since half precision cannot hold them. */
  readonly kept: readonly string[];
}

const isKernel = (name: string): boolean => name.endsWith('/kernel');

/** The least number that is not subnormal: kernels of zeros have a scale, too. */
const leastScale = 2 ** -126;

/** The weights of a folded model, each kernel in the precision that is asked for. Reads all kernels once unless it is float32. */
export async function storeWeights(model: Model, precision: KernelPrecision): Promise<StoredWeights> {
  const scales = new Map<string, Float32Array>();
  const names = [...weightShapes(model.graph).keys()];
  if (precision === 'float32') return { weights: model.weights, scales, kept: [] };
  if (precision === 'float16') {
    const kernels = names.filter(isKernel);
    const kept = await halfOverflows({ ...model.weights, names: kernels });
    const { weights } = castToHalf(model, [...kept, ...names.filter((name) => !isKernel(name))]);
    return { weights, scales, kept };
  }
  const { weights } = castToInt8({ ...model, weights: { ...model.weights, names } });
  for (const name of names.filter(isKernel)) {
    const read = floatsOf(await weights.read(scaleName(name)));
    scales.set(
      name,
      read.map((scale) => Math.max(scale, leastScale)),
    );
  }
  return { weights, scales, kept: [] };
}
