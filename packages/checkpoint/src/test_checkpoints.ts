import { readFileSync } from 'node:fs';
import { halvesToFloats, permuteAxes, type Tensor } from '@atrous/tensor';
import { type ByteSource, memoryBytes } from './bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { ModelFiles } from './model_files.ts';
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

/** All of a fixture. */
export const fixtureBytes = (name: string): Uint8Array => new Uint8Array(readFileSync(fixturePath(name)));

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

const tensorFlowNames: Readonly<Record<string, string>> = {
  'conv.weight': 'conv/weights',
  'conv.bias': 'conv/biases',
  'norm.weight': 'norm/gamma',
  'norm.bias': 'norm/beta',
  'norm.running_mean': 'norm/moving_mean',
  'norm.running_var': 'norm/moving_variance',
  'head.weight': 'head/weights',
  'head.bias': 'head/biases',
};

/** The same weights by the names and in the axes that TensorFlow's fixtures have. */
export async function sameInTensorFlow(): Promise<Record<string, Tensor>> {
  const entries = Object.entries(await sameWeights()).map(([name, tensor]): [string, Tensor] => {
    const [from, to] = { 4: ['OIHW', 'HWIO'], 2: ['OI', 'IO'] }[tensor.shape.length] ?? ['O', 'O'];
    return [tensorFlowNames[name], permuteAxes(tensor, from, to)];
  });
  return Object.fromEntries(entries);
}

/** Files in memory, e.g. fixtures of which some are damaged. */
export function memoryFiles(files: Readonly<Record<string, Uint8Array>>): ModelFiles {
  return {
    names: Object.keys(files),
    open: async (name) => (Object.hasOwn(files, name) ? memoryBytes(files[name], name) : undefined),
  };
}
