import { textOf } from './cursor.ts';
import type { Hdf5File } from './file.ts';

/** Texts of one heap, by their numbers. */
export type HeapTexts = ReadonlyMap<number, Uint8Array>;

/** Reads a heap of texts of variable length; each is as long as whatever refers to it says. */
export async function readHeap(file: Hdf5File, address: number): Promise<HeapTexts> {
  const headSize = 8 + file.widths.length;
  const head = await file.block(address, headSize);
  head.expect('GCOL');
  head.skip(4);
  const size = head.length();
  if (size < headSize) file.fail(`the heap at ${address} has ${size} bytes`);
  const objects = await file.block(address + headSize, size - headSize);
  const texts = new Map<number, Uint8Array>();
  while (objects.left >= headSize) {
    const index = objects.uint(2);
    objects.skip(6);
    const length = objects.length();
    if (index === 0) break; // free space, up to the end
    texts.set(index, objects.take(length));
    objects.align();
  }
  return texts;
}

/** A text of a heap. @param size in bytes, as the reference says */
export function heapText(file: Hdf5File, heap: HeapTexts, index: number, size: number): string {
  const bytes = heap.get(index) ?? file.fail(`text ${index} is not in its heap`);
  if (size > bytes.byteLength) file.fail(`a text of ${size} bytes lies in a place of ${bytes.byteLength}`);
  return textOf(bytes.subarray(0, size));
}
