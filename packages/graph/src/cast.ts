import { floatsOf, floatsToHalves, type Tensor, type TensorSpec, tensor } from '@atrous/tensor';
import { type Model, scaleName, type WeightSource } from './model.ts';

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

/**
 * The same model with its kernels in 8 bits: `kernel ≈ int8 · scale`, symmetric, a scale per output channel (the last
 * axis) beside each. All else stays as it is. Runtimes multiply the scales in when they read.
 */
export function castToInt8({ graph, weights }: Model): Model {
  const isKernel = (name: string) => name.endsWith('/kernel');
  const kernels = new Set(weights.names.filter(isKernel));
  const scaled = new Map([...kernels].map((name) => [scaleName(name), name]));
  const scalesOf = async (name: string): Promise<{ values: Float32Array; scales: Float32Array }> => {
    const weight = await weights.read(name);
    const values = floatsOf(weight);
    const channels = weight.shape[weight.shape.length - 1];
    const scales = new Float32Array(channels);
    values.forEach((value, i) => {
      scales[i % channels] = Math.max(scales[i % channels], Math.abs(value) / 127);
    });
    return { values, scales };
  };
  const int8: WeightSource = {
    names: weights.names.flatMap((name) => (kernels.has(name) ? [name, scaleName(name)] : [name])),
    spec(name): TensorSpec {
      const kernel = scaled.get(name);
      if (kernel !== undefined) return { dtype: 'float32', shape: weights.spec(kernel).shape.slice(-1) };
      const { dtype, shape } = weights.spec(name);
      return { dtype: kernels.has(name) ? 'int8' : dtype, shape };
    },
    async read(name): Promise<Tensor> {
      const kernel = scaled.get(name);
      if (kernel !== undefined) {
        const { scales } = await scalesOf(kernel);
        return tensor('float32', [scales.length], scales);
      }
      if (!kernels.has(name)) return weights.read(name);
      const { values, scales } = await scalesOf(name);
      const data = Int8Array.from(values, (value, i) => {
        const scale = scales[i % scales.length];
        return scale > 0 ? Math.round(value / scale) : 0;
      });
      return tensor('int8', weights.spec(name).shape, data);
    },
  };
  return { graph, weights: int8 };
}
