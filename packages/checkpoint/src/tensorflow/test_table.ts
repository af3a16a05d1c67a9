import { varint } from '../protobuf/test_message_mutations.ts';
import { maskedCrc32c } from './crc32c.ts';

type Entry = readonly [key: string, value: Uint8Array];

const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const join = (pieces: readonly Uint8Array[]) => Uint8Array.from(pieces.flatMap((piece) => [...piece]));
const number = (value: number) => varint(BigInt(value));
const littleEndian = (value: number) => new Uint8Array(Uint32Array.of(value).buffer);

/** A block of whole keys. */
function block(entries: readonly Entry[]): Uint8Array {
  const pieces = entries.flatMap(([key, value]) => [
    number(0),
    number(key.length),
    number(value.length),
    latin1(key),
    value,
  ]);
  return join([...pieces, littleEndian(0), littleEndian(1)]);
}

/**
 * A table of LevelDB with checksums that are right, whatever is in it.
 * @param compression what is done to its data block, and the number that says so
 */
export function makeTable(
  entries: readonly Entry[],
  compression: { readonly number: number; compress(block: Uint8Array): Uint8Array } = {
    number: 0,
    compress: (bytes) => bytes,
  },
): Uint8Array {
  const stored: Uint8Array[] = [];
  let size = 0;
  const add = (bytes: Uint8Array, kind: number): Uint8Array => {
    const place = join([number(size), number(bytes.length)]);
    const typed = join([bytes, Uint8Array.of(kind)]);
    stored.push(typed, littleEndian(maskedCrc32c(typed)));
    size += typed.length + 4;
    return place;
  };
  const data = add(compression.compress(block(entries)), compression.number);
  const last = entries.at(-1)?.[0] ?? '';
  const places = join([add(block([]), 0), add(block([[last, data]]), 0)]);
  const magic = Uint8Array.of(0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb);
  return join([...stored, places, new Uint8Array(40 - places.length), magic]);
}
