/** Something that needs memory between two steps. */
export interface Need {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Gives each need a buffer of its own for its time: the largest first, each the first buffer that is free then. A kernel's input and output
 * never share one, for a GPU may not read a buffer that it writes.
 * @returns the buffer of each need, and the bytes of each buffer, the largest first
 */
export function assignSlots(needs: readonly Need[]): { slotOf: number[]; bytes: number[] } {
  const slotOf = new Array<number>(needs.length).fill(0);
  const slots: { readonly bytes: number; readonly held: Need[] }[] = [];
  const order = needs.map((_, i) => i).sort((a, b) => needs[b].bytes - needs[a].bytes || a - b);
  for (const i of order) {
    const need = needs[i];
    const isFree = ({ held }: (typeof slots)[number]) =>
      held.every(({ first, last }) => last < need.first || need.last < first);
    const found = slots.findIndex(isFree);
    slotOf[i] = found >= 0 ? found : slots.push({ bytes: need.bytes, held: [] }) - 1;
    slots[slotOf[i]].held.push(need);
  }
  return { slotOf, bytes: slots.map(({ bytes }) => bytes) };
}
