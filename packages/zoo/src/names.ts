import type { LayoutName } from '@atrous/graph';

/** Names as a source writes them → names as the file has them. */
export type NameView = ReadonlyMap<string, string>;

/** Keras' names of layers that nobody named. */
const counted = /(^|\/)(conv2d|depthwise_conv2d|separable_conv2d|batch_normalization|dense)(?:_(\d+))?(?=\/)/;

/**
 * A file's names as namings see them. Keras counts unnamed layers over the whole process, so that a file may begin with
 * `conv2d_7`: such layers are counted anew from 1 here, as `conv2d#1`.
 */
export function readNames(names: readonly string[], layout: LayoutName): NameView {
  if (layout !== 'keras') return new Map(names.map((name) => [name, name]));
  const counters = new Map<string, Set<number>>();
  for (const name of names) {
    const [, , layer, counter = '0'] = counted.exec(name) ?? [];
    if (layer) counters.set(layer, (counters.get(layer) ?? new Set()).add(Number(counter)));
  }
  const ranks = new Map(
    [...counters].map(([layer, seen]) => {
      const order = [...seen].toSorted((a, b) => a - b);
      return [layer, new Map(order.map((counter, i) => [counter, i + 1]))] as const;
    }),
  );
  const renamed = (name: string) =>
    name.replace(counted, (_, before: string, layer: string, counter = '0') => {
      return `${before}${layer}#${ranks.get(layer)!.get(Number(counter))}`;
    });
  return new Map(names.map((name) => [renamed(name), name]));
}

/** The names below a root, without it. */
export const below = (view: NameView, root: string): NameView =>
  root === ''
    ? view
    : new Map(
        [...view].flatMap(([name, original]) =>
          name.startsWith(root) ? [[name.slice(root.length), original] as const] : [],
        ),
      );

/** Averages over the training, as wrappers are named. */
const averaged = /(^|[._/])ema([._/]|$)/i;

/**
 * What stands before a source's names in a file: each place where a name goes on as the signature says.
 * Averages over the training (EMA) come first, then the shortest.
 */
export function rootsOf(names: Iterable<string>, signature: RegExp, prefix: string): string[] {
  const roots = new Set<string>();
  for (const name of names) {
    for (let at = 0; at >= 0; at = nextPart(name, at)) {
      if (!signature.test(name.slice(at))) continue;
      const before = name.slice(0, at);
      if (before.endsWith(prefix)) roots.add(before.slice(0, before.length - prefix.length));
    }
  }
  return [...roots].toSorted(
    (a, b) => Number(averaged.test(b)) - Number(averaged.test(a)) || a.length - b.length,
  );
}

/** Where the next part of a dotted or slashed name begins; -1 after the last. */
function nextPart(name: string, from: number): number {
  const found = name.slice(from).search(/[./]/);
  return found < 0 ? -1 : from + found + 1;
}
