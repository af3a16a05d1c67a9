import { type ByteSource, readExactly } from './bytes.ts';

/** Files one after the other as one: a piece that lies in several is put together, nothing else is copied. */
export function joined(parts: readonly ByteSource[], name: string): ByteSource {
  const begins: number[] = [];
  let size = 0;
  for (const part of parts) {
    begins.push(size);
    size += part.size;
  }
  return {
    name,
    size,
    async read(offset, length) {
      const end = Math.min(offset + length, size);
      const touched = parts
        .map((part, i) => ({ part, begin: begins[i] }))
        .filter(({ part, begin }) => begin < end && begin + part.size > offset);
      const [first] = touched;
      if (touched.length === 1) return readExactly(first.part, offset - first.begin, end - offset);
      const all = new Uint8Array(Math.max(0, end - offset));
      for (const { part, begin } of touched) {
        const from = Math.max(offset, begin);
        const to = Math.min(end, begin + part.size);
        all.set(await readExactly(part, from - begin, to - from), from - offset);
      }
      return all;
    },
  };
}
