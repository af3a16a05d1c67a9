import { AtrousError } from '@atrous/tensor';
import { type ByteSource, readExactly } from './bytes.ts';
import { type Format, formats } from './formats.ts';
import { openSafetensors, type Safetensors } from './safetensors.ts';

/** Which kind of file this is, by its first and last bytes; undefined where it is none that we know. */
export async function formatOf(bytes: ByteSource): Promise<Format | undefined> {
  const headSize = Math.min(bytes.size, 4096);
  const tailSize = Math.min(bytes.size, 8);
  const head = await readExactly(bytes, 0, headSize);
  const tail = await readExactly(bytes, bytes.size - tailSize, tailSize);
  return formats.find((format) => format.matches({ head, tail }));
}

/**
 * Opens a checkpoint of whichever format it is.
 * @throws AtrousError `format` that says what the file is where it is none that we read
 */
export async function openCheckpoint(bytes: ByteSource): Promise<Safetensors> {
  const format = await formatOf(bytes);
  if (!format) return openSafetensors(bytes); // whose error says what a safetensors file begins with
  if (format.open) return format.open(bytes);
  throw new AtrousError(
    'format',
    `${bytes.name}: this is ${format.name}, expected a safetensors file: ${format.advice}`,
  );
}
