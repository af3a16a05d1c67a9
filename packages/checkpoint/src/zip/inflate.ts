import { AtrousError, messageOf } from '@atrous/tensor';

/** Deflate makes at most so many bytes of one. */
const largestRatio = 1032;

/** Unpacks raw deflate. @param size what it must come to, in bytes. @throws AtrousError `format` */
export async function inflate(packed: Uint8Array, size: number, name: string): Promise<Uint8Array> {
  const fail = (why: string, cause?: unknown): never => {
    throw new AtrousError('format', `${name}: cannot be unpacked: ${why}`, { cause });
  };
  if (size > packed.byteLength * largestRatio)
    fail(`${packed.byteLength} bytes cannot unpack to the ${size} that it claims`);
  const unpacked = new Uint8Array(size);
  let filled = 0;
  const stream = new Blob([packed as Uint8Array<ArrayBuffer>]).stream();
  const pieces = stream.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  let isTooMuch = false;
  try {
    for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
      isTooMuch = filled + piece.value.byteLength > size;
      if (isTooMuch) break;
      unpacked.set(piece.value, filled);
      filled += piece.value.byteLength;
    }
    await pieces.cancel();
  } catch (error) {
    fail(messageOf(error), error);
  }
  if (isTooMuch) fail(`it gives more than the ${size} bytes that it claims`);
  if (filled !== size) fail(`it gives ${filled} bytes, expected ${size}`);
  return unpacked;
}
