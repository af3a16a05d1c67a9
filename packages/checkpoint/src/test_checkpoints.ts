import { halvesToFloats, type Tensor } from '@atrous/tensor';
import type { ByteSource } from './bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import { fileBytes } from './node_bytes.ts';
import { siblingFiles } from './node_files.ts';
import { openCheckpoint } from './open.ts';
import { readAll } from './safetensors.ts';
import { fixturePath } from './test_fixtures.ts';

/** A fixture on disk, with the files beside it. */
export async function openFixture(name: string): Promise<Checkpoint> {
  const path = fixturePath(name);
  return openCheckpoint(await fileBytes(path), { files: await siblingFiles(path) });
}

/** The same bytes, with a count of those that were read. */
export function watched(bytes: ByteSource): { bytes: ByteSource; fetched(): number } {
  let fetched = 0;
  const read = (offset: number, length: number) => {
    fetched += length;
    return bytes.read(offset, length);
  };
  return { bytes: { ...bytes, read }, fetched: () => fetched };
}

/** The weights that every framework has written, by PyTorch's names and in its axes. */
export const sameWeights = async (): Promise<Record<string, Tensor>> =>
  readAll(await openFixture('torch.safetensors'));

/** The numbers of a tensor, whatever it is held in. */
export const numbersOf = ({ dtype, data }: Tensor): number[] =>
  Array.from(dtype === 'float16' ? halvesToFloats(data as Uint16Array) : data);
