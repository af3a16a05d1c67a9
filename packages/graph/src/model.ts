import {
  AtrousError,
  describeSpec,
  floatsOf,
  sizeOf,
  type Tensor,
  type TensorSpec,
  tensor,
} from '@atrous/tensor';
import type { Graph } from './graph.ts';
import type { Int8Kernel } from './int8.ts';
import { checkValues } from './weight_values.ts';

/** Weights by name, read one tensor at a time: nothing keeps a whole file alive. */
export interface WeightSource {
  readonly names: readonly string[];
  /** Dtype and shape. @throws AtrousError `weights` for a name that is not there. */
  spec(name: string): TensorSpec;
  /** What is read is the caller's: nobody else keeps or sees it, and it may be written over. */
  read(name: string): Promise<Tensor>;
  /** What these weights are, where that is known, as by the checksum of their file: those of one id are the same numbers. */
  readonly id?: string;
}

/** A network with its weights. */
export interface Model {
  readonly graph: Graph;
  readonly weights: WeightSource;
}

/** Weights that lie in memory. */
export function weightsFrom(tensors: Readonly<Record<string, Tensor>>): WeightSource {
  const find = (name: string): Tensor => {
    const found = tensors[name];
    if (!found) throw new AtrousError('weights', `weight "${name}" is missing`);
    return found;
  };
  return {
    names: Object.keys(tensors),
    spec: find,
    read: async (name) => {
      const { dtype, shape, data } = find(name);
      return tensor(dtype, shape, data.slice());
    },
  };
}

/** Where the scales of an 8-bit kernel stand: one number per output channel. */
export const scaleName = (kernel: string): string => `${kernel}_scale`;

/** A weight as float32: half precision widened, 8 bits times their scales. */
export async function toFloats(weights: WeightSource, name: string, weight: Tensor): Promise<Float32Array> {
  if (weight.dtype === 'float32' || weight.dtype === 'float16') return floatsOf(weight);
  if (weight.dtype !== 'int8') {
    throw new AtrousError(
      'weights',
      `weight "${name}": expected float32, float16 or int8, got ${describeSpec(weight)}`,
    );
  }
  const factors = await readScales(weights, name, weight.shape.at(-1)!);
  const floats = new Float32Array(sizeOf(weight.shape));
  for (let i = 0; i < floats.length; i++) floats[i] = weight.data[i] * factors[i % factors.length];
  return floats;
}

/** The scales of an 8-bit kernel. */
async function readScales(weights: WeightSource, name: string, channels: number): Promise<Float32Array> {
  const scales = await weights.read(scaleName(name));
  if (scales.shape.length !== 1 || scales.shape[0] !== channels) {
    throw new AtrousError(
      'weights',
      `weight "${scaleName(name)}": expected a scale for each of ${channels} channels, got ${describeSpec(scales)}`,
    );
  }
  return floatsOf(scales);
}

/**
 * A kernel that a file holds in 8 bits, as it is; undefined where it holds other numbers.
 * @throws AtrousError `weights`, as `readWeight`
 */
export async function readInt8(
  weights: WeightSource,
  name: string,
  shape: readonly number[],
): Promise<Int8Kernel | undefined> {
  if (weights.spec(name).dtype !== 'int8') return undefined;
  const weight = await weights.read(name);
  checkShape(name, weight, shape);
  const scales = await readScales(weights, name, shape[shape.length - 1]);
  checkValues(scaleName(name), scales);
  return { values: weight.data as Int8Array, scales };
}

function checkShape(name: string, weight: Tensor, shape: readonly number[]): void {
  if (weight.shape.join() === shape.join()) return;
  throw new AtrousError(
    'weights',
    `weight "${name}": expected [${shape.join(',')}], got ${describeSpec(weight)}`,
  );
}

/**
 * One weight as float32, whatever the file has, checked: its shape is the one expected, and every number is one that a
 * trained network has. Runtimes read all weights through this.
 * @throws AtrousError `weights`
 */
export async function readWeight(
  weights: WeightSource,
  name: string,
  shape: readonly number[],
): Promise<Float32Array> {
  const weight = await weights.read(name);
  checkShape(name, weight, shape);
  const floats = await toFloats(weights, name, weight);
  checkValues(name, floats);
  return floats;
}
