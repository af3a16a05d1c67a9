/**
 * Two sums for each of four columns of 32-bit words, of which the second knows their order: against damage, not against enemies.
 * @param bytes a multiple of 64
 * @param sums 32 bytes, gone on from
 */
export function checksum(from: usize, bytes: i32, sums: usize): void {
  let sum = v128.load(sums);
  let ordered = v128.load(sums, 16);
  for (const end = from + bytes; from < end; from += 64) {
    sum = i32x4.add(sum, v128.load(from));
    ordered = i32x4.add(ordered, sum);
    sum = i32x4.add(sum, v128.load(from, 16));
    ordered = i32x4.add(ordered, sum);
    sum = i32x4.add(sum, v128.load(from, 32));
    ordered = i32x4.add(ordered, sum);
    sum = i32x4.add(sum, v128.load(from, 48));
    ordered = i32x4.add(ordered, sum);
  }
  v128.store(sums, sum);
  v128.store(sums, ordered, 16);
}
