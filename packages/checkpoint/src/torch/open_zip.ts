import { AtrousError } from '@atrous/tensor';
import { clip } from '../brief.ts';
import { type ByteSource, readExactly } from '../bytes.ts';
import type { Checkpoint } from '../checkpoint.ts';
import type { Fail } from '../fail.ts';
import { parseStart, unpickle } from '../pickle/unpickle.ts';
import { openZip, type ZipArchive } from '../zip/open_zip.ts';
import { torchCheckpoint } from './checkpoint.ts';
import { scriptGlobal, torchGlobal } from './globals.ts';
import { readStorageId } from './storage_id.ts';

const pickleName = 'data.pkl';

/**
 * Opens what `torch.save` writes since PyTorch 1.6: a zip archive with a pickle of names and shapes and a file for each
 * storage. TorchScript archives are read, too: names are those of the modules' attributes, as in a state dict.
 * Tensors of deflated archives are unpacked when they are read.
 * @throws AtrousError `format`
 */
export async function openTorchZip(bytes: ByteSource): Promise<Checkpoint> {
  const fail: Fail = (why) => {
    throw new AtrousError('format', `${bytes.name}: not a sound PyTorch file: ${why}`);
  };
  const zip = await openZip(bytes);
  const root = findRoot(zip, fail);
  const entry = (name: string) => zip.entries.get(root + name);
  const isScript = entry('constants.pkl') !== undefined;
  const global = isScript ? scriptGlobal : torchGlobal;
  const pickle = await openEntry(zip, root + pickleName, fail);
  const parse = (start: Uint8Array) => unpickle(start, 0, { global, storage: readStorageId, fail });
  const { value } = await parseStart(pickle, parse, fail);
  const files = {
    sizeOf: (key: string) => entry(`data/${key}`)?.size,
    open: (key: string) => openEntry(zip, `${root}data/${key}`, fail),
    isBigEndian: await readByteOrder(zip, `${root}byteorder`, fail),
  };
  return torchCheckpoint(value, files, bytes.name, fail);
}

function openEntry(zip: ZipArchive, name: string, fail: Fail): Promise<ByteSource> {
  return zip.open(zip.entries.get(name) ?? fail(`${clip(name)} is missing in it`));
}

/** The folder that all of it lies in, with its `/`. */
function findRoot(zip: ZipArchive, fail: Fail): string {
  const found = [...zip.entries.keys()].filter(
    (name) => name === pickleName || name.endsWith(`/${pickleName}`),
  );
  if (found.length !== 1) fail(`expected one ${pickleName} in it, found ${found.length}`);
  return found[0].slice(0, -pickleName.length);
}

/** Files without the record were written by machines that nearly all have the lowest byte first. */
async function readByteOrder(zip: ZipArchive, name: string, fail: Fail): Promise<boolean> {
  if (!zip.entries.has(name)) return false;
  const file = await openEntry(zip, name, fail);
  const order = new TextDecoder().decode(await readExactly(file, 0, Math.min(file.size, 16)));
  if (order !== 'little' && order !== 'big')
    fail(`its byte order is ${JSON.stringify(order)}, expected little or big`);
  return order === 'big';
}
