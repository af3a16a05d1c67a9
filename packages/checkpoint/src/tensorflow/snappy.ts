import type { Fail } from '../fail.ts';
import { readVarint } from '../protobuf/varint.ts';

/** A copy of 64 bytes takes 3: nothing that Snappy writes grows more. */
const mostGrowth = 24;

/** Unpacks one block of Snappy (without the framing of its streams). */
export function unsnappy(bytes: Uint8Array, fail: Fail): Uint8Array {
  const damaged = (): never => fail('a block that Snappy compressed is damaged');
  const length = readVarint(bytes, 0) ?? damaged();
  if (length.value > BigInt(mostGrowth * bytes.length)) return damaged();
  const unpacked = new Uint8Array(Number(length.value));
  let filled = 0;
  for (let at = length.size; at < bytes.length; ) {
    const tag = bytes[at];
    const isLiteral = (tag & 3) === 0;
    const { size, offset, next } = isLiteral ? literal(bytes, at) : copy(bytes, at);
    const isSound = isLiteral ? next + size <= bytes.length : offset > 0 && offset <= filled;
    if (!isSound || filled + size > unpacked.length) return damaged();
    if (isLiteral) unpacked.set(bytes.subarray(next, next + size), filled);
    // A copy may reach into what it writes itself: byte by byte.
    else for (let i = 0; i < size; i++) unpacked[filled + i] = unpacked[filled + i - offset];
    filled += size;
    at = isLiteral ? next + size : next;
  }
  return filled === unpacked.length ? unpacked : damaged();
}

/** Up to 60 bytes have their length in the tag, more in 1 to 4 bytes after it. */
function literal(bytes: Uint8Array, at: number) {
  const short = bytes[at] >> 2;
  const lengthBytes = Math.max(0, short - 59);
  const size = lengthBytes === 0 ? short : littleEndian(bytes, at + 1, lengthBytes);
  return { size: size + 1, offset: 0, next: at + 1 + lengthBytes };
}

/** Offsets take 11 bits, 2 bytes or 4. Past the end they are read as 0, which no copy has. */
function copy(bytes: Uint8Array, at: number) {
  const tag = bytes[at];
  if ((tag & 3) === 1) {
    const offset = ((tag >> 5) << 8) | littleEndian(bytes, at + 1, 1);
    return { size: 4 + ((tag >> 2) & 7), offset: at + 1 < bytes.length ? offset : 0, next: at + 2 };
  }
  const offsetBytes = (tag & 3) === 2 ? 2 : 4;
  const isWhole = at + offsetBytes < bytes.length;
  const offset = isWhole ? littleEndian(bytes, at + 1, offsetBytes) : 0;
  return { size: 1 + (tag >> 2), offset, next: at + 1 + offsetBytes };
}

function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = count - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
