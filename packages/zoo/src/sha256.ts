import { sha256 as sha2 } from '@noble/hashes/sha2.js';

/** Digits of bytes. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A SHA-256 that is fed piece by piece, as WebCrypto's is not, and that needs no secure context; after `hex` it is over. */
export function sha256(): { update(piece: Uint8Array): void; hex(): string } {
  const hash = sha2.create();
  return { update: (piece) => void hash.update(piece), hex: () => toHex(hash.digest()) };
}
