import { type ByteSource, readExactly } from '../bytes.ts';
import type { Fail } from '../fail.ts';
import { PickleMachine, type PickleRules } from './machine.ts';
import { PickleEndsEarly } from './reader.ts';

/** A value, and where what follows its pickle begins. */
export interface Unpickled {
  readonly value: unknown;
  readonly end: number;
}

/**
 * The data of one pickle: None is null, dictionaries are Maps, lists and tuples arrays, bytes Uint8Arrays, integers
 * beyond 2⁵³ bigints. Nothing is run: a short list of globals (`rules`) makes data, every other name is an error.
 * @throws PickleEndsEarly where the bytes end before it does
 */
export function unpickle(bytes: Uint8Array, begin: number, rules: PickleRules): Unpickled {
  const machine = new PickleMachine(bytes, begin, rules);
  return { value: machine.run(), end: machine.reader.at };
}

const firstPiece = 1 << 20;
/** 20,000 tensors take 5 MB. */
const largestPickle = 1 << 26;

/**
 * Parses the start of a file, whose length nobody knows before: first 1 MiB of it, four times as much where that ends
 * too early.
 */
export async function parseStart<T>(
  bytes: ByteSource,
  parse: (start: Uint8Array) => T,
  fail: Fail,
): Promise<T> {
  for (let size = firstPiece; ; size *= 4) {
    const length = Math.min(size, bytes.size);
    try {
      return parse(await readExactly(bytes, 0, length));
    } catch (error) {
      if (!(error instanceof PickleEndsEarly)) throw error;
    }
    if (length === bytes.size) fail('the pickle ends early: the file is cut off, fetch it again');
    if (size >= largestPickle)
      fail(`the pickle has more than ${largestPickle} bytes, far more than weights need`);
  }
}
