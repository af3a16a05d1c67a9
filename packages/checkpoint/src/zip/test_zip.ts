/** How an entry or archive differs from a plain one. */
export interface ZipOddities {
  /** Numbers as zip64 writes them, in the directory and at the end. */
  readonly wide?: boolean;
  readonly comment?: string;
  /** Changes the entry in the directory. */
  readonly change?: (header: DataView, index: number) => void;
}

const join = (parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    all.set(part, at);
    return at + part.length;
  }, 0);
  return all;
};

/** Numbers, lowest byte first: each with its size in bytes. */
const numbers = (...fields: readonly (readonly [value: number, size: number])[]): Uint8Array => {
  const bytes = fields.flatMap(([value, size]) =>
    Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256),
  );
  return Uint8Array.from(bytes);
};

/** A zip archive of stored files, in memory. */
export function writeZip(
  files: Readonly<Record<string, Uint8Array>>,
  { wide = false, comment = '', change }: ZipOddities = {},
): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const local: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, data] of Object.entries(files)) {
    const text = encoder.encode(name);
    const sizes = (size: number) => [size, 4] as const;
    const part = join([
      numbers(
        [0x04034b50, 4],
        [20, 2],
        [0, 2],
        [0, 2],
        [0, 4],
        [0, 4],
        sizes(data.length),
        sizes(data.length),
        [text.length, 2],
        [0, 2],
      ),
      text,
      data,
    ]);
    const extra = wide
      ? numbers([1, 2], [24, 2], [data.length, 8], [data.length, 8], [at, 8])
      : new Uint8Array(0);
    const inDirectory = (value: number) => sizes(wide ? 0xffffffff : value);
    const header = join([
      numbers(
        [0x02014b50, 4],
        [20, 2],
        [20, 2],
        [0, 2],
        [0, 2],
        [0, 4],
        [0, 4],
        inDirectory(data.length),
        inDirectory(data.length),
      ),
      numbers([text.length, 2], [extra.length, 2], [0, 2], [0, 2], [0, 2], [0, 4], inDirectory(at)),
      text,
      extra,
    ]);
    change?.(new DataView(header.buffer), directory.length);
    local.push(part);
    directory.push(header);
    at += part.length;
  }
  const size = directory.reduce((sum, entry) => sum + entry.length, 0);
  const count = directory.length;
  const wideEnd = join([
    numbers(
      [0x06064b50, 4],
      [44, 8],
      [45, 2],
      [45, 2],
      [0, 4],
      [0, 4],
      [count, 8],
      [count, 8],
      [size, 8],
      [at, 8],
    ),
    numbers([0x07064b50, 4], [0, 4], [at + size, 8], [1, 4]),
  ]);
  const end = numbers(
    ...([
      [0x06054b50, 4],
      [0, 2],
      [0, 2],
    ] as const),
    ...([
      [wide ? 0xffff : count, 2],
      [wide ? 0xffff : count, 2],
    ] as const),
    ...([
      [wide ? 0xffffffff : size, 4],
      [wide ? 0xffffffff : at, 4],
      [comment.length, 2],
    ] as const),
  );
  return join([...local, ...directory, ...(wide ? [wideEnd] : []), end, encoder.encode(comment)]);
}
