import { messageOf } from '@atrous/tensor';
import { brief, clip } from './brief.ts';
import { type FileDType, fileDTypes } from './dtypes.ts';
import { type Fail, isCount } from './fail.ts';
import { parseJson } from './json.ts';

/** A tensor of a safetensors file: its data lies from `begin` to `end`, counted from the header's end. */
export interface Entry {
  /** As the file calls it, e.g. `BF16`. */
  readonly dtype: string;
  readonly kind: FileDType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: ReadonlyMap<string, Entry>;
}

/** Reads and checks a header. @param fileSize in bytes, with the header and its length */
export function readHeader(bytes: Uint8Array, fileSize: number, fail: Fail): Header {
  const { __metadata__: metadata, ...tensors } = parseHeader(bytes, fail);
  const entries = new Map<string, Entry>();
  for (const [name, value] of Object.entries(tensors)) {
    entries.set(
      name,
      readEntry(value, (why) => fail(`${clip(name)}: ${why}`)),
    );
  }
  checkCover(entries, fileSize - 8 - bytes.byteLength, fail);
  return { metadata: readMetadata(metadata, fail), entries };
}

function parseHeader(bytes: Uint8Array, fail: Fail): Record<string, unknown> {
  let header: unknown;
  try {
    // A byte order mark stays, and is no JSON: the reference parser refuses it, too.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = parseJson(text, { onlyCounts: true });
  } catch (error) {
    fail(`its header is not sound JSON (${messageOf(error)})`, error);
  }
  if (typeof header !== 'object' || header === null || bytes[0] !== 0x7b)
    fail('its header is not a JSON object that begins with {');
  return header as Record<string, unknown>;
}

function readMetadata(metadata: unknown, fail: Fail): Record<string, string> {
  if (metadata === undefined || metadata === null) return {};
  const isText = typeof metadata === 'object' && !Array.isArray(metadata);
  if (!isText || !Object.values(metadata).every((value) => typeof value === 'string'))
    fail('__metadata__ may hold text only');
  return metadata as Record<string, string>;
}

function readEntry(value: unknown, fail: Fail): Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string' || !Object.hasOwn(fileDTypes, dtype))
    return fail(`unknown dtype ${brief(dtype)}, expected one of ${Object.keys(fileDTypes).join(', ')}`);
  const kind = fileDTypes[dtype];
  if (!Array.isArray(shape) || !shape.every(isCount))
    return fail(`shape ${brief(shape)} is no list of whole numbers`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return fail(`data_offsets ${brief(offsets)} are no pair of whole numbers`);
  const bits = countBits(shape, kind.bits);
  if (bits === null) return fail(`shape ${brief(shape)} has more elements than any file`);
  const size = bits / 8;
  if (!Number.isInteger(size)) return fail(`${dtype} ${brief(shape)} ends inside a byte`);
  const [begin, end] = offsets;
  if (end - begin !== size)
    return fail(
      `${dtype} ${brief(shape)} takes ${size} bytes, its offsets ${begin}…${end} span ${end - begin}`,
    );
  return { dtype, kind, shape, begin, end };
}

/** Null where a product on the way is too large, even where a 0 follows: the reference parser refuses that. */
function countBits(shape: readonly number[], bitsPerElement: number): number | null {
  let count = 1;
  for (const factor of [...shape, bitsPerElement]) {
    count *= factor;
    if (!Number.isSafeInteger(count)) return null;
  }
  return count;
}

/** The tensors must lie one after the other, from the first byte of the data to its last. */
function checkCover(entries: ReadonlyMap<string, Entry>, dataSize: number, fail: Fail): void {
  let reached = 0;
  const inOrder = [...entries].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  for (const [name, { begin, end }] of inOrder) {
    if (end > dataSize) {
      fail(
        `${clip(name)}: its data ends at byte ${end}, the file holds ${dataSize}: it is cut off, fetch it again`,
      );
    }
    if (begin !== reached)
      fail(`${clip(name)}: its data begins at ${begin}, the tensor before it ends at ${reached}`);
    reached = end;
  }
  if (reached !== dataSize) fail(`the header describes ${reached} bytes of data, the file holds ${dataSize}`);
}
