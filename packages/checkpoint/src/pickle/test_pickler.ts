/** Values as Python's pickle writes them in protocol 4, for tests. */
export function pickled(value: unknown): Uint8Array {
  return Uint8Array.from([0x80, 4, ...bytesOf(value), 0x2e]);
}

const char = (text: string) => text.charCodeAt(0);
const float = (value: number) => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return [char('G'), ...new Uint8Array(view.buffer)];
};
const length4 = (length: number) => [length & 255, (length >> 8) & 255, (length >> 16) & 255, length >>> 24];

/** Two's complement, lowest byte first, in as few bytes as it takes. */
function long(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 255n));
    rest >>= 8n;
  } while (!((rest === 0n && bytes.at(-1)! < 128) || (rest === -1n && bytes.at(-1)! >= 128)));
  return [0x8a, bytes.length, ...bytes];
}

function bytesOf(value: unknown): number[] {
  if (value === null) return [char('N')];
  if (typeof value === 'boolean') return [value ? 0x88 : 0x89];
  if (typeof value === 'bigint') return long(value);
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? integer(value) : float(value);
  if (typeof value === 'string') {
    const text = new TextEncoder().encode(value);
    return [char('X'), ...length4(text.length), ...text];
  }
  if (value instanceof Uint8Array) return [char('B'), ...length4(value.length), ...value];
  if (value instanceof Map) return [char('}'), char('('), ...[...value].flat().flatMap(bytesOf), char('u')];
  if (value instanceof Set) return [0x8f, char('('), ...[...value].flatMap(bytesOf), 0x90];
  return [char(']'), char('('), ...(value as unknown[]).flatMap(bytesOf), char('e')];
}

function integer(value: number): number[] {
  if (value >= 0 && value < 256) return [char('K'), value];
  if (value >= 0 && value < 65536) return [char('M'), value & 255, value >> 8];
  if (value === (value | 0)) return [char('J'), ...length4(value)];
  return long(BigInt(value));
}
