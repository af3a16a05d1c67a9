import { type ByteSource, piecesOf } from '@atrous/checkpoint';
import { AtrousError } from '@atrous/tensor';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { OpenOptions } from './model_folder.ts';

/** A SHA-256 that is fed piece by piece. */
export function checksum(): { update(piece: Uint8Array): void; hex(): string } {
  const hash = sha256.create();
  return { update: (piece) => void hash.update(piece), hex: () => bytesToHex(hash.digest()) };
}

/**
 * Checks a file against its size and SHA-256, read in pieces.
 * @throws AtrousError `integrity`
 */
export async function verify(
  bytes: ByteSource,
  { expected, onProgress, signal }: OpenOptions,
): Promise<void> {
  if (!expected) return;
  const fail = (what: string): never => {
    throw new AtrousError(
      'integrity',
      `${bytes.name}: ${what}: the file is damaged or of another version; fetch it again`,
    );
  };
  if (bytes.size !== expected.bytes) fail(`expected ${expected.bytes} bytes, got ${bytes.size}`);
  const hash = checksum();
  let loaded = 0;
  for await (const piece of piecesOf(bytes)) {
    signal?.throwIfAborted();
    hash.update(piece);
    loaded += piece.byteLength;
    onProgress?.({ phase: 'verify', file: bytes.name, loaded, total: bytes.size });
  }
  const actual = hash.hex();
  if (actual !== expected.sha256) fail(`expected SHA-256 ${expected.sha256}, got ${actual}`);
}
