/** Numbers from a seed: the same everywhere. */
export interface Random {
  /** In [0, 1). */
  uniform(): number;
  /** Of mean 0 and deviation 1. */
  normal(): number;
  /** A new order of some items. */
  shuffle<T>(items: readonly T[]): T[];
}

/** mulberry32: small, and good enough to shuffle and to flip with. */
export function random(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    shuffle(items) {
      const order = [...items];
      for (let i = order.length - 1; i > 0; i--) {
        const j = Math.floor(uniform() * (i + 1));
        [order[i], order[j]] = [order[j], order[i]];
      }
      return order;
    },
  };
}
