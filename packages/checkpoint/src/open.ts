import { AtrousError } from '@atrous/tensor';
import { type ByteSource, readExactly } from './bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type Format, formats } from './formats.ts';
import { type ModelFiles, noFiles } from './model_files.ts';
import { openSafetensors } from './safetensors.ts';

export interface OpenCheckpointOptions {
  /** The files beside it, for checkpoints of several files: shards and what names them. */
  readonly files?: ModelFiles;
}

/** Which kind of file this is, by its first and last bytes; undefined where it is none that we know. */
export async function formatOf(bytes: ByteSource): Promise<Format | undefined> {
  const headSize = Math.min(bytes.size, 4096);
  const tailSize = Math.min(bytes.size, 8);
  const head = await readExactly(bytes, 0, headSize);
  const tail = await readExactly(bytes, bytes.size - tailSize, tailSize);
  return formats.find((format) => format.matches({ name: bytes.name, head, tail }));
}

/**
 * Opens a checkpoint of whichever format it is. Code of formats other than safetensors is loaded when it is needed.
 * @throws AtrousError `format` that says what the file is where it is none that we read
 */
export async function openCheckpoint(
  bytes: ByteSource,
  { files = noFiles }: OpenCheckpointOptions = {},
): Promise<Checkpoint> {
  const format = await formatOf(bytes);
  if (!format) return openSafetensors(bytes); // whose error says what a safetensors file begins with
  if (format.open) return format.open(bytes, files);
  throw new AtrousError(
    'format',
    `${bytes.name}: this is ${format.name}, which is not read as a checkpoint: ${format.advice}`,
  );
}
