/** Numbers from 0 to below 1 that follow from a seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A damaged copy of a file, the same for the same seed: one to three changes of the kinds that happen to files. */
export function mutations(bytes: Uint8Array, seed: number): Uint8Array {
  const draw = random(seed);
  const below = (count: number) => Math.floor(draw() * count);
  let all = [...bytes];
  const changes = draw() < 0.7 ? 1 : 1 + below(3);
  for (let i = 0; i < changes; i++) {
    const at = below(all.length);
    const length = 1 + below(draw() < 0.5 ? 4 : 40);
    switch (below(6)) {
      case 0:
        all[at] ^= 1 << below(8);
        break;
      case 1:
        all[at] = [0, 255, 127, 128, below(256)][below(5)];
        break;
      case 2:
        all = all.slice(0, at);
        break;
      case 3:
        all.splice(at, 0, ...Array.from({ length }, () => below(256)));
        break;
      case 4:
        all.splice(at, length);
        break;
      default: // a piece of the file again, there or somewhere else
        all.splice(below(all.length + 1), 0, ...all.slice(at, at + length));
    }
  }
  return Uint8Array.from(all);
}
