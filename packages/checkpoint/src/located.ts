import { AtrousError, messageOf, sizeOf, type Tensor, type TensorSpec, tensor } from '@atrous/tensor';
import { brief, clip } from './brief.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { FileDType } from './dtypes.ts';
import { type Fail, isCount } from './fail.ts';

/** A tensor that a file's headers tell of. */
export interface Located {
  readonly shape: readonly number[];
  /** As the file calls it, e.g. `DT_STRING`. */
  readonly dtype: string;
  /** How its elements are read; absent for what cannot be read as a weight. */
  readonly kind?: FileDType;
  /** What it takes in the file, in bytes. */
  readonly storedBytes: number;
  /** Its elements in row-major order, the lowest byte of each first. */
  readElements(): Promise<Uint8Array>;
}

/** More axes than any framework's tensors have. */
const mostAxes = 64;

/** The size of a tensor in bytes. @throws by `fail` where it has more than any file, or ends inside a byte */
export function checkedSize(shape: readonly number[], { bits }: FileDType, fail: Fail): number {
  if (shape.length > mostAxes || !shape.every(isCount))
    fail(`shape ${brief(shape)} is no list of up to ${mostAxes} whole numbers`);
  let count = 1;
  for (const factor of [...shape, bits]) {
    count *= factor;
    if (!Number.isSafeInteger(count)) fail(`shape ${brief(shape)} has more elements than any file`);
  }
  return Number.isInteger(count / 8) ? count / 8 : fail(`shape ${brief(shape)} ends inside a byte`);
}

/** Tensors by name as a checkpoint. */
export function locatedCheckpoint(
  file: string,
  tensors: ReadonlyMap<string, Located>,
  metadata: Readonly<Record<string, string>> = {},
): Checkpoint {
  const find = (name: string): Located => {
    const found = tensors.get(name);
    if (!found) throw new AtrousError('weights', `${file}: weight "${name}" is missing`);
    return found;
  };
  return {
    names: [...tensors.keys()],
    metadata,
    storedBytes: [...tensors.values()].reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    spec(name): TensorSpec {
      const { kind, shape } = find(name);
      return { dtype: kind?.becomes ?? 'float32', shape };
    },
    async read(name): Promise<Tensor> {
      const { kind, shape, dtype, readElements } = find(name);
      if (!kind?.becomes)
        throw new AtrousError(
          'unsupported',
          `${file}: ${clip(name)} is of the dtype ${dtype}, which cannot be read as a weight: convert it to float32`,
        );
      const elements = await readElements();
      try {
        return tensor(kind.becomes, shape, kind.decode(elements, sizeOf(shape)));
      } catch (cause) {
        throw new AtrousError('format', `${file}: ${clip(name)}: ${messageOf(cause)}`, { cause });
      }
    },
  };
}
