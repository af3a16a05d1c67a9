import { type ByteSource, readExactly } from '../bytes.ts';
import type { Fail } from '../fail.ts';

/** Where the directory lies, and how many entries it has. */
export interface DirectoryPlace {
  readonly begin: number;
  /** In bytes. */
  readonly size: number;
  readonly count: number;
}

const endMark = 0x06054b50;
const endSize = 22;
const largestComment = 0xffff;
const locatorMark = 0x07064b50;
const locatorSize = 20;
const wideEndMark = 0x06064b50;
const wideEndSize = 56;

/** Reads the records at the end of a zip archive, those of zip64 where they are. */
export async function findEnd(bytes: ByteSource, fail: Fail): Promise<DirectoryPlace> {
  const tailSize = Math.min(bytes.size, endSize + largestComment);
  const tailAt = bytes.size - tailSize;
  const tail = viewOf(await readExactly(bytes, tailAt, tailSize));
  const at = endIn(tail) ?? fail('its directory is missing: it is cut off, fetch it again');
  const locatorAt = at - locatorSize;
  const isWide = locatorAt >= 0 && tail.getUint32(locatorAt, true) === locatorMark;
  const limit = tailAt + (isWide ? locatorAt : at);
  const place = isWide
    ? await wideEnd(bytes, Number(tail.getBigUint64(locatorAt + 8, true)), limit, fail)
    : {
        count: tail.getUint16(at + 10, true),
        size: tail.getUint32(at + 12, true),
        begin: tail.getUint32(at + 16, true),
      };
  if (place.begin + place.size > limit)
    fail(
      `its directory reaches from byte ${place.begin} over ${place.size} bytes, expected it before ${limit}`,
    );
  return place;
}

async function wideEnd(bytes: ByteSource, at: number, limit: number, fail: Fail): Promise<DirectoryPlace> {
  if (at + wideEndSize > limit)
    return fail(`its zip64 record is said to be at byte ${at}, which is past its end`);
  const record = viewOf(await readExactly(bytes, at, wideEndSize));
  if (record.getUint32(0, true) !== wideEndMark) return fail(`its zip64 record is not at byte ${at}`);
  const [count, size, begin] = [32, 40, 48].map((field) => Number(record.getBigUint64(field, true)));
  return { count, size, begin };
}

/** The last place where the record can stand: its comment reaches to the file's end. */
function endIn(tail: DataView): number | undefined {
  for (let at = tail.byteLength - endSize; at >= 0; at--) {
    const isMark = tail.getUint32(at, true) === endMark;
    if (isMark && at + endSize + tail.getUint16(at + 20, true) === tail.byteLength) return at;
  }
  return undefined;
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
