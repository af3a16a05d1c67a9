/** Makes things once: the same name gives the same thing until what it depends on is another. */
export interface Keep {
  /**
   * @param on what it depends on, compared one by one
   * @param free lets go of the one before, and of this one in the end
   */
  <T>(name: string, on: readonly unknown[], make: () => T, free?: (thing: T) => void): T;
  freeAll(): void;
}

interface Kept {
  readonly on: readonly unknown[];
  readonly thing: unknown;
  free(): void;
}

export function createKeep(): Keep {
  const kept = new Map<string, Kept>();
  const keep = <T>(name: string, on: readonly unknown[], make: () => T, free?: (thing: T) => void): T => {
    const known = kept.get(name);
    const isSame = known?.on.length === on.length && known.on.every((each, i) => Object.is(each, on[i]));
    if (isSame) return known.thing as T;
    known?.free();
    kept.delete(name);
    const thing = make();
    kept.set(name, { on, thing, free: () => free?.(thing) });
    return thing;
  };
  return Object.assign(keep, {
    freeAll() {
      for (const { free } of kept.values()) free();
      kept.clear();
    },
  });
}
