import { clip } from '../brief.ts';
import { type Cursor, textOf } from './cursor.ts';
import { countOf, readDataspace } from './dataspace.ts';
import { type Datatype, readDatatype } from './datatype.ts';
import type { Hdf5File } from './file.ts';
import { type HeapTexts, heapText, readHeap } from './global_heap.ts';
import { writtenAsLatest } from './group.ts';
import { type Message, messageType } from './object_header.ts';

/** Texts of all attributes together, in bytes: Keras stores a network's whole configuration in one. */
const textLimit = 1 << 25;

/** The attributes that hold texts, by name; a single text is a list of one. Those of other kinds are left out. */
export async function readTexts(
  file: Hdf5File,
  messages: readonly Message[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const texts = new Map<string, readonly string[]>();
  for (const { type, open } of messages) {
    if (type === messageType.attributeInfo) checkAttributeInfo(open());
    if (type !== messageType.attribute) continue;
    const attribute = readAttribute(open());
    if (!attribute) continue;
    const { name, datatype, count, data } = attribute;
    if (datatype.kind === 'text') texts.set(name, fixedTexts(data, datatype.size, count));
    if (datatype.kind === 'texts') texts.set(name, await heapTexts(file, data, count));
  }
  return texts;
}

interface Attribute {
  readonly name: string;
  readonly datatype: Datatype;
  readonly count: number;
  readonly data: Cursor;
}

/** undefined for one whose type or shape stands elsewhere in the file, or that has no value. */
function readAttribute(message: Cursor): Attribute | undefined {
  const version = message.uint(1);
  if (version < 1 || version > 3) message.fail(`an attribute has version ${version}, expected 1 to 3`);
  const isShared = version > 1 && (message.bytes[1] & 3) !== 0;
  message.skip(1);
  const sizes = [message.uint(2), message.uint(2), message.uint(2)];
  if (version === 3) message.skip(1); // how its name is encoded
  const [name, type, space] = sizes.map((size) => {
    const part = message.part(size);
    if (version === 1) message.align();
    return part;
  });
  if (isShared) return undefined;
  const datatype = readDatatype(type);
  const shape = readDataspace(space);
  if (!shape) return undefined;
  const text = textOf(name.bytes);
  const count = countOf(shape, message.fail);
  if (count * datatype.size > message.left)
    message.fail(`attribute ${JSON.stringify(clip(text))}: its values reach past its end`);
  return { name: text, datatype, count, data: message.part(count * datatype.size) };
}

function fixedTexts(data: Cursor, size: number, count: number): string[] {
  return Array.from({ length: count }, () => textOf(data.take(size)).trimEnd()); // Fortran pads with spaces
}

async function heapTexts(file: Hdf5File, data: Cursor, count: number): Promise<string[]> {
  const heaps = new Map<number, HeapTexts>();
  const texts: string[] = [];
  let total = 0;
  for (let i = 0; i < count; i++) {
    const size = data.uint(4);
    const address = data.address();
    const index = data.uint(4);
    total += size;
    if (total > textLimit) file.fail(`an attribute has more than ${textLimit} bytes of text`);
    if (size === 0 || address === undefined) {
      texts.push('');
      continue;
    }
    const heap = heaps.get(address) ?? (await readHeap(file, address));
    heaps.set(address, heap);
    texts.push(heapText(file, heap, index, size));
  }
  return texts;
}

function checkAttributeInfo(message: Cursor): void {
  message.skip(1);
  const flags = message.uint(1);
  if (flags & 1) message.skip(2);
  const hasHeap = message.address() !== undefined;
  if (hasHeap) message.fail(writtenAsLatest('an object holds its attributes in a fractal heap'));
}
