import { AtrousError, messageOf, sizeOf, type Tensor, type TensorSpec, tensor } from '@atrous/tensor';
import { clip } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { Fail } from '../fail.ts';
import { gatherElements, isContiguous, swapBytes } from './gather.ts';
import { findTensors } from './state_dict.ts';
import { endOf, TorchTensor, type UnreadableTensor } from './tensors.ts';

/** Where the storages of a checkpoint lie. */
export interface StorageFiles {
  /** In bytes; undefined where there is no such storage. */
  sizeOf(key: string): number | undefined;
  open(key: string): Promise<ByteSource>;
  readonly isBigEndian: boolean;
}

/**
 * What was unpickled, as a checkpoint: each tensor is checked to lie in its storage, and is read from there alone.
 * @param root what the pickle holds
 */
export function torchCheckpoint(root: unknown, files: StorageFiles, name: string, fail: Fail): Checkpoint {
  const { tensors, metadata } = findTensors(root, fail);
  const stored = new Map<string, number>();
  for (const [weight, { storage, shape, dtype }] of readable(tensors)) {
    const size = files.sizeOf(storage.key);
    if (size === undefined) fail(`${clip(weight)}: its data (storage ${clip(storage.key)}) is missing`);
    else if (storage.fileSize !== size)
      fail(`${clip(weight)}: its storage takes ${storage.fileSize} bytes, the file has ${size} for it`);
    if (!stored.has(storage.key)) stored.set(storage.key, sizeOf(shape) * dtype.size);
  }
  const find = (weight: string): TorchTensor | UnreadableTensor => {
    const found = tensors.get(weight);
    if (!found) throw new AtrousError('weights', `${name}: weight "${weight}" is missing`);
    return found;
  };
  return {
    names: [...tensors.keys()],
    metadata,
    storedBytes: [...stored.values()].reduce((sum, size) => sum + size, 0),
    spec(weight): TensorSpec {
      const found = find(weight);
      const dtype = found instanceof TorchTensor ? found.dtype.kind?.becomes : undefined;
      return { dtype: dtype ?? 'float32', shape: found.shape };
    },
    async read(weight): Promise<Tensor> {
      const found = find(weight);
      const what = found instanceof TorchTensor ? `of the dtype ${found.dtype.name}` : found.what;
      const kind = found instanceof TorchTensor ? found.dtype.kind : undefined;
      if (!(found instanceof TorchTensor) || !kind?.becomes) {
        throw new AtrousError(
          'unsupported',
          `${name}: ${clip(weight)} is ${what}, which cannot be read as a weight: convert it to float32 in Python`,
        );
      }
      const bytes = await readTensor(found, files);
      try {
        return tensor(kind.becomes, found.shape, kind.decode(bytes, sizeOf(found.shape)));
      } catch (cause) {
        throw new AtrousError('format', `${name}: ${clip(weight)}: ${messageOf(cause)}`, { cause });
      }
    },
  };
}

function* readable(
  tensors: ReadonlyMap<string, TorchTensor | UnreadableTensor>,
): Generator<[string, TorchTensor]> {
  for (const [name, found] of tensors) if (found instanceof TorchTensor) yield [name, found];
}

/** The bytes of a tensor's elements, in row-major order and with the lowest byte first. */
async function readTensor(
  { storage, dtype: { size }, offset, shape, stride }: TorchTensor,
  files: StorageFiles,
): Promise<Uint8Array> {
  if (sizeOf(shape) === 0) return new Uint8Array(0);
  const span = endOf(0, shape, stride) * size;
  const lying = await readExactly(await files.open(storage.key), storage.begin + offset * size, span);
  const inOrder = isContiguous(shape, stride) ? lying : gatherElements(lying, size, shape, stride);
  return files.isBigEndian ? swapBytes(inOrder, size) : inOrder;
}
