import { brief } from '../brief.ts';
import type { Fail } from '../fail.ts';
import type { Cursor } from './cursor.ts';

const largestRank = 32;

/** Reads a dataspace message: the shape, [] for one number, null where there is none at all. */
export function readDataspace(message: Cursor): readonly number[] | null {
  const version = message.uint(1);
  if (version !== 1 && version !== 2) message.fail(`a shape has version ${version}, expected 1 or 2`);
  const rank = message.uint(1);
  if (rank > largestRank) message.fail(`a shape has ${rank} axes, at most ${largestRank} are allowed`);
  message.skip(1);
  const isNull = version === 2 && message.uint(1) === 2;
  if (version === 1) message.skip(5);
  const shape = Array.from({ length: rank }, () => message.length());
  return isNull ? null : shape;
}

/** How many elements a shape has. Complains where that is more than any file has. */
export function countOf(shape: readonly number[], fail: Fail): number {
  let count = 1;
  for (const side of shape) {
    count *= side;
    if (!Number.isSafeInteger(count)) fail(`shape ${brief(shape)} has more elements than any file`);
  }
  return count;
}
