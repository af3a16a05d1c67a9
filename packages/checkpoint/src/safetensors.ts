import { type WeightSource, weightsFrom } from '@atrous/graph';
import {
  AtrousError,
  bytesPerElement,
  messageOf,
  sizeOf,
  type Tensor,
  type TensorSpec,
  tensor,
} from '@atrous/tensor';
import { type ByteSource, readExactly } from './bytes.ts';
import { type FileDType, fileDTypes, fileNames } from './dtypes.ts';

/** A safetensors file: only its header is in memory, tensors are read when asked for. */
export interface Safetensors extends WeightSource {
  /** The header's free text. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The dtype as the file calls it, e.g. `BF16`. */
  fileDType(name: string): string;
}

interface Entry {
  readonly dtype: string;
  readonly kind: FileDType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

const largestHeader = 100_000_000;

/**
 * Opens a safetensors file. The header is checked whole: dtypes, shapes, and that offsets cover the data without
 * gaps, overlaps or a missing end.
 * @throws AtrousError `format` that names the file and the tensor
 */
export async function openSafetensors(bytes: ByteSource): Promise<Safetensors> {
  const fail = (why: string, cause?: unknown): never => {
    throw new AtrousError('format', `${bytes.name}: not a sound safetensors file: ${why}`, { cause });
  };
  if (bytes.size < 8) fail(`it has ${bytes.size} bytes, a header length alone takes 8`);
  const head = await readExactly(bytes, 0, 8);
  const headerSize = Number(new DataView(head.buffer, head.byteOffset, 8).getBigUint64(0, true));
  if (headerSize > largestHeader)
    fail(`the header claims ${headerSize} bytes, at most ${largestHeader} are allowed`);
  if (8 + headerSize > bytes.size) {
    fail(
      `the header claims ${headerSize} bytes, the file has ${bytes.size}: it is cut off or of another format`,
    );
  }
  const text = new TextDecoder().decode(await readExactly(bytes, 8, headerSize));
  const header = parseHeader(text, fail);
  const dataStart = 8 + headerSize;
  const entries = readEntries(header, bytes.size - dataStart, fail);

  const find = (name: string): Entry => {
    const entry = entries.get(name);
    if (!entry) throw new AtrousError('weights', `${bytes.name}: weight "${name}" is missing`);
    return entry;
  };
  return {
    names: [...entries.keys()],
    metadata: (header.__metadata__ ?? {}) as Record<string, string>,
    fileDType: (name) => find(name).dtype,
    spec: (name): TensorSpec => ({ dtype: find(name).kind.becomes ?? 'float32', shape: find(name).shape }),
    async read(name): Promise<Tensor> {
      const { kind, shape, begin, end } = find(name);
      const raw = await readExactly(bytes, dataStart + begin, end - begin);
      try {
        return tensor(kind.becomes ?? 'float32', shape, kind.decode(raw, sizeOf(shape)));
      } catch (error) {
        throw new AtrousError('format', `${bytes.name}: ${name}: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}

type Fail = (why: string, cause?: unknown) => never;

function parseHeader(text: string, fail: Fail): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (error) {
    fail(`its header is not JSON (${messageOf(error)})`, error);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    fail('its header is not a JSON object');
  return header as Record<string, unknown>;
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function readEntries(header: Record<string, unknown>, dataSize: number, fail: Fail): Map<string, Entry> {
  const entries: [string, Entry][] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>;
    const kind =
      typeof dtype === 'string' && Object.hasOwn(fileDTypes, dtype) ? fileDTypes[dtype] : undefined;
    if (!kind)
      fail(
        `${name}: unknown dtype ${JSON.stringify(dtype)}, expected one of ${Object.keys(fileDTypes).join(', ')}`,
      );
    if (!Array.isArray(shape) || !shape.every(isCount))
      fail(`${name}: shape ${JSON.stringify(shape)} is no list of whole numbers`);
    if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount)) {
      fail(`${name}: data_offsets ${JSON.stringify(offsets)} are no pair of whole numbers`);
    }
    const [begin, end] = offsets as [number, number];
    const expected = Math.ceil((sizeOf(shape as number[]) * kind!.bits) / 8);
    if (end - begin !== expected) {
      fail(
        `${name}: ${dtype} [${shape}] takes ${expected} bytes, its offsets ${begin}…${end} span ${end - begin}`,
      );
    }
    if (end > dataSize) {
      fail(
        `${name}: its data ends at byte ${end}, the file holds ${dataSize}: it is cut off, fetch it again`,
      );
    }
    entries.push([name, { dtype: dtype as string, kind: kind!, shape: shape as number[], begin, end }]);
  }
  let reached = 0;
  for (const [name, { begin, end }] of entries.toSorted(
    ([, a], [, b]) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== reached)
      fail(`${name}: its data begins at ${begin}, the tensor before it ends at ${reached}`);
    reached = end;
  }
  if (reached !== dataSize) fail(`the header describes ${reached} bytes of data, the file holds ${dataSize}`);
  return new Map(entries);
}

/** A file to be written: its size, and its bytes piece by piece. */
export interface Encoded {
  readonly size: number;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Writes weights as safetensors, one tensor in memory at a time. Wide dtypes come first, so that all lie aligned. */
export function encodeSafetensors(
  weights: WeightSource,
  metadata?: Readonly<Record<string, string>>,
): Encoded {
  const order = weights.names.map((name) => ({ name, spec: weights.spec(name) }));
  order.sort(
    (a, b) => bytesPerElement(b.spec.dtype) - bytesPerElement(a.spec.dtype) || (a.name < b.name ? -1 : 1),
  );
  const header: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  let offset = 0;
  for (const { name, spec } of order) {
    const end = offset + sizeOf(spec.shape) * bytesPerElement(spec.dtype);
    header[name] = { dtype: fileNames[spec.dtype], shape: spec.shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerSize = Math.ceil(json.byteLength / 8) * 8;
  const head = new Uint8Array(8 + headerSize).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(headerSize), true);
  head.set(json, 8);
  return {
    size: head.byteLength + offset,
    pieces: (async function* () {
      yield head;
      for (const { name } of order) {
        const { data } = await weights.read(name);
        yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      }
    })(),
  };
}

/** Tensors in memory as one safetensors file in memory. */
export async function toSafetensors(tensors: Readonly<Record<string, Tensor>>): Promise<Uint8Array> {
  return gather(encodeSafetensors(weightsFrom(tensors)));
}

/** Everything of an encoded file in one array. */
export async function gather({ size, pieces }: Encoded): Promise<Uint8Array> {
  const all = new Uint8Array(size);
  let offset = 0;
  for await (const piece of pieces) {
    all.set(piece, offset);
    offset += piece.byteLength;
  }
  return all;
}

/** Every tensor of a file. */
export async function readAll(weights: WeightSource): Promise<Record<string, Tensor>> {
  const tensors: Record<string, Tensor> = {};
  for (const name of weights.names) tensors[name] = await weights.read(name);
  return tensors;
}
