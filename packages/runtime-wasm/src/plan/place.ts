/** A piece of the arena, and the steps between which it must stay. */
export interface Need {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/**
 * Places what is needed at the same time side by side, and what is not in each other's place: the largest first, each at the
 * lowest offset where it fits.
 */
export function place(needs: readonly Need[]): { offsets: number[]; peak: number } {
  const offsets = new Array<number>(needs.length).fill(0);
  const placed: number[] = [];
  let peak = 0;
  const order = needs.map((_, i) => i).sort((a, b) => needs[b].bytes - needs[a].bytes || a - b);
  for (const i of order) {
    const need = needs[i];
    const neighbours = placed
      .filter((j) => needs[j].first <= need.last && need.first <= needs[j].last)
      .sort((a, b) => offsets[a] - offsets[b]);
    let offset = 0;
    for (const j of neighbours) {
      if (offset + align(need.bytes) <= offsets[j]) break;
      offset = Math.max(offset, offsets[j] + align(needs[j].bytes));
    }
    offsets[i] = offset;
    placed.push(i);
    peak = Math.max(peak, offset + align(need.bytes));
  }
  return { offsets, peak };
}
