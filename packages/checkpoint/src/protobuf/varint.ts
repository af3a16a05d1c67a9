/** A whole number of up to 64 bits, seven in a byte, the lowest first; undefined where it does not end in the bytes. */
export function readVarint(bytes: Uint8Array, at: number): { value: bigint; size: number } | undefined {
  let low = 0; // the first 28 bits as a number: most are that small, and bigints are slow
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    low |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value: BigInt(low), size: i + 1 };
  }
  let value = BigInt(low);
  for (let i = 4; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), size: i + 1 };
  }
  return undefined;
}

/**
 * Packed varints as the elements of a tensor, the lowest byte first: of each number the lowest bytes, which are right
 * for negative ones, too. Undefined where the bytes are not `count` varints.
 * @param elementSize in bytes, up to 8
 */
export function unpackVarints(bytes: Uint8Array, count: number, elementSize: number): Uint8Array | undefined {
  if (count > bytes.length) return undefined; // each takes a byte at least
  const unpacked = new Uint8Array(count * elementSize);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const varint = readVarint(bytes, at);
    if (!varint) return undefined;
    at += varint.size;
    let rest = varint.value;
    for (let byte = 0; byte < elementSize && rest !== 0n; byte++, rest >>= 8n)
      unpacked[i * elementSize + byte] = Number(rest & 0xffn);
  }
  return at === bytes.length ? unpacked : undefined;
}

/** How many varints bytes hold: each ends with a byte below 128. */
export function countVarints(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte < 0x80) count++;
  return count;
}
