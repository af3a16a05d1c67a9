import { textOf } from './cursor.ts';
import type { Hdf5File } from './file.ts';

/** A text of variable length. @param size in bytes, as the reference says */
export async function readHeapText(
  file: Hdf5File,
  heap: number,
  index: number,
  size: number,
): Promise<string> {
  const headSize = 8 + file.widths.length;
  const head = await file.block(heap, headSize);
  head.expect('GCOL');
  head.skip(4);
  const heapSize = head.length();
  const objectHeadSize = 8 + file.widths.length;
  const end = heap + heapSize;
  for (let at = heap + headSize; at + objectHeadSize <= end; ) {
    const object = await file.block(at, objectHeadSize);
    const found = object.uint(2);
    object.skip(6);
    const length = object.length();
    if (found === 0) break; // free space, up to the end
    if (found === index) {
      if (size > length) file.fail(`a text of ${size} bytes lies in a place of ${length}`);
      return textOf((await file.block(at + objectHeadSize, size)).bytes);
    }
    at += objectHeadSize + Math.ceil(length / 8) * 8;
  }
  return file.fail(`text ${index} is not in the heap at ${heap}`);
}
