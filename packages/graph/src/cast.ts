import { floatsToHalves, tensor } from '@atrous/tensor';
import type { Model } from './model.ts';

/** The same model with its float32 weights in half precision, cast when they are read. */
export function castToHalf({ graph, weights }: Model): Model {
  return {
    graph,
    weights: {
      names: weights.names,
      spec: (name) => {
        const { dtype, shape } = weights.spec(name);
        return { dtype: dtype === 'float32' ? 'float16' : dtype, shape };
      },
      async read(name) {
        const weight = await weights.read(name);
        if (weight.dtype !== 'float32') return weight;
        return tensor('float16', weight.shape, floatsToHalves(weight.data as Float32Array));
      },
    },
  };
}
