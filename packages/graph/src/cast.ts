import { AtrousError, floatsOf, floatsToHalves, type Tensor, type TensorSpec, tensor } from '@atrous/tensor';
import { type Model, scaleName, toFloats, type WeightSource } from './model.ts';
import { checkValues } from './weight_values.ts';

/** The same model with all its weights in float32, whatever its file has; widened when they are read. */
export function castToFloat({ graph, weights }: Model): Model {
  const scales = new Set(weights.names.filter((name) => weights.spec(name).dtype === 'int8').map(scaleName));
  return {
    graph,
    weights: {
      names: weights.names.filter((name) => !scales.has(name)),
      spec: (name) => ({ dtype: 'float32', shape: weights.spec(name).shape }),
      async read(name) {
        const weight = await weights.read(name);
        return tensor('float32', weight.shape, await toFloats(weights, name, weight));
      },
    },
  };
}

/** What half precision cannot hold becomes infinity: all bits of its exponent are set. */
const isBeyondHalf = (half: number): boolean => (half & 0x7c00) === 0x7c00;

/** The float32 weights that half precision cannot hold, for a magnitude beyond 65504. Each is read once. */
export async function halfOverflows(weights: WeightSource): Promise<string[]> {
  const found: string[] = [];
  for (const name of weights.names) {
    if (weights.spec(name).dtype !== 'float32') continue;
    const { data } = await weights.read(name);
    if (floatsToHalves(data as Float32Array).some(isBeyondHalf)) found.push(name);
  }
  return found;
}

/**
 * The same model with its float32 weights in half precision, cast when they are read.
 * @param keep names that stay float32, as `halfOverflows` finds them; files may mix the two
 * @throws AtrousError `weights` on reading a weight that half precision cannot hold
 */
export function castToHalf({ graph, weights }: Model, keep: Iterable<string> = []): Model {
  const kept = new Set(keep);
  return {
    graph,
    weights: {
      names: weights.names,
      spec: (name) => {
        const { dtype, shape } = weights.spec(name);
        return { dtype: dtype === 'float32' && !kept.has(name) ? 'float16' : dtype, shape };
      },
      async read(name) {
        const weight = await weights.read(name);
        if (weight.dtype !== 'float32' || kept.has(name)) return weight;
        const halves = floatsToHalves(weight.data as Float32Array);
        const at = halves.findIndex(isBeyondHalf);
        if (at >= 0) {
          throw new AtrousError(
            'weights',
            `weight "${name}": element ${at} is ${weight.data[at]}, half precision ends at 65504; write float32`,
          );
        }
        return tensor('float16', weight.shape, halves);
      },
    },
  };
}

/**
 * The same model with its kernels in 8 bits: `kernel ≈ int8 · scale`, symmetric, a scale per output channel (the last
 * axis) beside each. All else stays as it is. Runtimes multiply the scales in when they read.
 * @throws AtrousError `weights` on reading a kernel that is not finite
 */
export function castToInt8({ graph, weights }: Model): Model {
  const isKernel = (name: string) => name.endsWith('/kernel');
  const kernels = new Set(weights.names.filter(isKernel));
  const scaled = new Map([...kernels].map((name) => [scaleName(name), name]));
  const scalesOf = async (name: string): Promise<{ values: Float32Array; scales: Float32Array }> => {
    const weight = await weights.read(name);
    const values = floatsOf(weight);
    checkValues(name, values);
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
