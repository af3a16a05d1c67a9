import { mutations, random } from '../../../mask/src/test_mutations.ts';
import { readVarint } from './varint.ts';

interface Part {
  readonly number: number;
  readonly wireType: number;
  /** Of bytes without their length. */
  readonly value: Uint8Array;
}

const oddNumbers = [
  0n,
  1n,
  2n,
  3n,
  7n,
  16n,
  127n,
  128n,
  255n,
  2n ** 20n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** A number as a varint. */
export function varint(number: bigint): Uint8Array {
  const bytes: number[] = [];
  for (let rest = number; ; rest >>= 7n) {
    if (rest < 128n) return Uint8Array.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}

/** The fields of what looks like a message; undefined where it is none. */
function partsOf(bytes: Uint8Array): Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at);
    if (!tag || tag.value >> 3n === 0n || tag.value > 1000n) return undefined;
    at += tag.size;
    const wireType = Number(tag.value & 7n);
    const head = readVarint(bytes, at);
    if (!head || ![0, 1, 2, 5].includes(wireType)) return undefined;
    if (wireType === 2) at += head.size;
    const size = [head.size, 8, Number(head.value), 0, 0, 4][wireType];
    if (at + size > bytes.length) return undefined;
    parts.push({ number: Number(tag.value >> 3n), wireType, value: bytes.subarray(at, at + size) });
    at += size;
  }
  return parts.length > 0 ? parts : undefined;
}

function encode(parts: readonly Part[]): Uint8Array {
  const pieces = parts.flatMap(({ number, wireType, value }) => [
    varint(BigInt(number) * 8n + BigInt(wireType)),
    wireType === 2 ? varint(BigInt(value.length)) : new Uint8Array(0),
    value,
  ]);
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

/** A message with one change in it, at any depth; lengths around the change are right again. */
export function mutateMessage(bytes: Uint8Array, seed: number): Uint8Array {
  const draw = random(seed ^ 0xb0f);
  const below = (count: number) => Math.floor(draw() * count);
  const change = (message: Uint8Array): Uint8Array => {
    const parts = partsOf(message);
    if (!parts) return message.length > 0 ? mutations(message, below(1 << 30)) : Uint8Array.of(below(256));
    const at = below(parts.length);
    const part = parts[at];
    const withValue = (value: Uint8Array) => encode(parts.with(at, { ...part, value }));
    switch (below(8)) {
      case 0:
        return encode(parts.toSpliced(at, 1));
      case 1:
        return encode(parts.toSpliced(below(parts.length), 0, part));
      case 2:
        return encode(parts.with(at, { ...part, number: 1 + below(20) }));
      case 3:
        return encode(
          parts.with(at, { ...part, wireType: 0, value: varint(oddNumbers[below(oddNumbers.length)]) }),
        );
      default:
        return part.wireType === 2
          ? withValue(change(part.value))
          : encode(
              parts.with(at, { ...part, wireType: 0, value: varint(oddNumbers[below(oddNumbers.length)]) }),
            );
    }
  };
  return change(bytes);
}
