import { type ByteSource, piecesOf } from '@atrous/checkpoint';
import { AtrousError } from '@atrous/tensor';
import type { OpenOptions } from './model_folder.ts';
import { sha256, toHex } from './sha256.ts';

/** Larger files are read in pieces, so that memory does not grow with them: WebCrypto, five times as fast, takes whole ones only. */
const largestWhole = 1 << 26;

/**
 * Checks a file against its size and SHA-256.
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
  const { size } = bytes;
  if (size !== expected.bytes) fail(`expected ${expected.bytes} bytes, got ${size}`);
  const see = (loaded: number) => {
    signal?.throwIfAborted();
    onProgress?.({ phase: 'verify', file: bytes.name, loaded, total: size });
  };
  const actual = await digest(bytes, see);
  if (actual !== expected.sha256) fail(`expected SHA-256 ${expected.sha256}, got ${actual}`);
}

async function digest(bytes: ByteSource, see: (loaded: number) => void): Promise<string> {
  if (bytes.size <= largestWhole && globalThis.crypto?.subtle) {
    const whole = (await bytes.read(0, bytes.size)) as Uint8Array<ArrayBuffer>;
    const found = new Uint8Array(await crypto.subtle.digest('SHA-256', whole));
    see(bytes.size);
    return toHex(found);
  }
  const hash = sha256();
  let loaded = 0;
  for await (const piece of piecesOf(bytes)) {
    hash.update(piece);
    loaded += piece.byteLength;
    see(loaded);
  }
  return hash.hex();
}
