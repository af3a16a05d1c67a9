import { AtrousError } from '@atrous/tensor';

/** A file, wherever it lies, read piece by piece. */
export interface ByteSource {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** Bytes in memory. What is read are views. */
export function memoryBytes(bytes: Uint8Array, name: string): ByteSource {
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength); // `slice` of Node's Buffer copies nothing
  return {
    name,
    size: bytes.byteLength,
    read: async (offset, length) => plain.subarray(offset, offset + length),
  };
}

/** A Blob or File. What is read are copies. */
export function blobBytes(blob: Blob, name: string): ByteSource {
  return {
    name,
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
  };
}

/** All of a file, in pieces. */
export async function* piecesOf(bytes: ByteSource, pieceSize: number = 1 << 20): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.size; offset += pieceSize) {
    yield await readExactly(bytes, offset, Math.min(pieceSize, bytes.size - offset));
  }
}

/** Reads, and complains when the file gives less. @throws AtrousError `format` */
export async function readExactly(bytes: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const piece = await bytes.read(offset, length);
  if (piece.byteLength !== length) {
    throw new AtrousError(
      'format',
      `${bytes.name}: ends early: expected ${length} bytes at ${offset}, got ${piece.byteLength}; fetch the file again`,
    );
  }
  return piece;
}
