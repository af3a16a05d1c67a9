import { AtrousError } from '@atrous/tensor';
import { brief, clip } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { Fail } from '../fail.ts';
import { parseStart, unpickle } from '../pickle/unpickle.ts';
import { sliceOf } from '../zip/open_zip.ts';
import { torchCheckpoint } from './checkpoint.ts';
import { torchGlobal } from './globals.ts';
import { readStorageId } from './storage_id.ts';
import type { TorchStorage } from './tensors.ts';

const magic = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;

/**
 * Opens what `torch.save` wrote before PyTorch 1.6: five pickles (a magic number, a protocol, sizes of the machine's
 * types, the checkpoint, the order of its storages), then the storages, each after its count of elements. Numbers have
 * the lowest byte first, whichever machine wrote them.
 * @throws AtrousError `format`
 */
export async function openTorchLegacy(bytes: ByteSource): Promise<Checkpoint> {
  const fail: Fail = (why) => {
    throw new AtrousError('format', `${bytes.name}: not a sound PyTorch file: ${why}`);
  };
  const { value, keys, elementSizes, end } = await parseStart(
    bytes,
    (start) => readPickles(start, fail),
    fail,
  );
  const places = await findStorages(bytes, end, keys, elementSizes, fail);
  const files = {
    sizeOf: (key: string) => places.get(key)?.size,
    open: async (key: string) => places.get(key) ?? fail(`storage ${clip(key)} is missing`),
    isBigEndian: false,
  };
  return torchCheckpoint(value, files, bytes.name, fail);
}

interface Pickles {
  /** What the checkpoint holds. */
  readonly value: unknown;
  /** Of the storages, in the order in which they lie. */
  readonly keys: readonly string[];
  /** In bytes, by key. */
  readonly elementSizes: ReadonlyMap<string, number>;
  /** Where the first storage begins. */
  readonly end: number;
}

function readPickles(start: Uint8Array, fail: Fail): Pickles {
  const elementSizes = new Map<string, number>();
  const storage = (id: unknown): TorchStorage => {
    const found = readStorageId(id, fail);
    elementSizes.set(found.key, found.dtype?.size ?? 1);
    return found;
  };
  let end = 0;
  const next = (): unknown => {
    const { value, end: after } = unpickle(start, end, { global: torchGlobal, storage, fail });
    end = after;
    return value;
  };
  const number = next();
  if (number !== magic) fail(`its magic number is ${brief(number)}`);
  const version = next();
  if (version !== protocol) fail(`its protocol is ${brief(version)}, expected ${protocol}`);
  next(); // sizes of the writer's types, which the dtypes say better
  const value = next();
  const keys = next();
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string'))
    return fail(`the order of its storages is ${brief(keys)}, expected a list of keys`);
  return { value, keys, elementSizes, end };
}

/** The storages lie one after the other: 8 bytes that say how many elements, then these. */
async function findStorages(
  bytes: ByteSource,
  begin: number,
  keys: readonly string[],
  elementSizes: ReadonlyMap<string, number>,
  fail: Fail,
): Promise<ReadonlyMap<string, ByteSource>> {
  const places = new Map<string, ByteSource>();
  let at = begin;
  for (const key of keys) {
    const elementSize = elementSizes.get(key) ?? fail(`it has a storage ${clip(key)} that no tensor uses`);
    if (places.has(key)) fail(`it lists storage ${clip(key)} twice`);
    const head = await readExactly(bytes, at, 8);
    const count = Number(new DataView(head.buffer, head.byteOffset, 8).getBigInt64(0, true));
    const size = count * elementSize;
    if (count < 0 || at + 8 + size > bytes.size)
      fail(
        `storage ${clip(key)} claims ${count} elements at byte ${at}, the file has ${bytes.size} bytes: it is cut off`,
      );
    places.set(key, sliceOf(bytes, at + 8, size, bytes.name));
    at += 8 + size;
  }
  if (at !== bytes.size) fail(`its storages end at byte ${at}, the file has ${bytes.size}`);
  return places;
}
