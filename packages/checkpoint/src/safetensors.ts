import { type WeightSource, weightsFrom } from '@atrous/graph';
import {
  AtrousError,
  bytesPerElement,
  type EncodedFile,
  messageOf,
  sizeOf,
  type Tensor,
  type TensorSpec,
  tensor,
} from '@atrous/tensor';
import { clip } from './brief.ts';
import { type ByteSource, readExactly } from './bytes.ts';
import type { Checkpoint } from './checkpoint.ts';
import { fileNames } from './dtypes.ts';
import { type Entry, readHeader } from './safetensors_header.ts';

/** A safetensors file: only its header is in memory, tensors are read when asked for. */
export interface Safetensors extends Checkpoint {
  /** The dtype as the file calls it, e.g. `BF16`. */
  fileDType(name: string): string;
}

/** A network of 20,000 weights needs 3 MB. The reference parser's limit, 100 MB, costs a gigabyte once parsed. */
const largestHeader = 1 << 24;

/**
 * Opens a safetensors file. The header is checked whole: dtypes, shapes, and that offsets cover the data without
 * gaps, overlaps or a missing end. Nothing that the reference parser refuses is accepted.
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
  const { metadata, entries } = readHeader(await readExactly(bytes, 8, headerSize), bytes.size, fail);
  const dataStart = 8 + headerSize;

  const find = (name: string): Entry => {
    const entry = entries.get(name);
    if (!entry) throw new AtrousError('weights', `${bytes.name}: weight "${name}" is missing`);
    return entry;
  };
  return {
    names: [...entries.keys()],
    metadata,
    storedBytes: bytes.size - dataStart,
    fileDType: (name) => find(name).dtype,
    spec: (name): TensorSpec => ({ dtype: find(name).kind.becomes ?? 'float32', shape: find(name).shape }),
    async read(name): Promise<Tensor> {
      const { kind, shape, begin, end } = find(name);
      const raw = await readExactly(bytes, dataStart + begin, end - begin);
      try {
        return tensor(kind.becomes ?? 'float32', shape, kind.decode(raw, sizeOf(shape)));
      } catch (error) {
        throw new AtrousError('format', `${bytes.name}: ${clip(name)}: ${messageOf(error)}`, {
          cause: error,
        });
      }
    },
  };
}

/** Writes weights as safetensors, one tensor in memory at a time. Wide dtypes come first, so that all lie aligned. */
export function encodeSafetensors(
  weights: WeightSource,
  metadata?: Readonly<Record<string, string>>,
): EncodedFile {
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
export async function toSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Promise<Uint8Array> {
  return gather(encodeSafetensors(weightsFrom(tensors), metadata));
}

/** Everything of an encoded file in one array. */
export async function gather({ size, pieces }: EncodedFile): Promise<Uint8Array> {
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
