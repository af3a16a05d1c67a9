import type { Tally } from './tally.ts';

/** What a picture is like: the group it belongs to, by grouping (`size: large`, `place: indoor`). */
export type Tags = Readonly<Record<string, string>>;

/** Sizes by share of the counted pixels, the smallest first. */
const sizes = [
  { name: 'none', below: Number.MIN_VALUE },
  { name: 'under 2 %', below: 0.02 },
  { name: '2 to 10 %', below: 0.1 },
  { name: '10 to 30 %', below: 0.3 },
  { name: '30 % and more', below: Number.POSITIVE_INFINITY },
] as const;

/** The names of sizes, the smallest first: the order in which tables show them. */
export const sizeGroups: readonly string[] = sizes.map(({ name }) => name);

/** How large the labels of some classes are in a picture. */
export function sizeGroup({ truth }: Tally, classes: readonly number[]): string {
  const all = truth.reduce((sum, count) => sum + count, 0);
  const own = classes.reduce((sum, k) => sum + truth[k], 0);
  const share = all > 0 ? own / all : 0;
  return sizes.find(({ below }) => share < below)!.name;
}

/** Channels of a grey picture differ by JPEG's rounding alone: by less than this on average, of 255. */
const greyDifference = 3;

/**
 * `grey` or `colour`. Sepia is a colour.
 * @param data 8-bit pixels, row by row: grey, RGB or RGBA, as their number says
 */
export function colourGroup(
  data: Uint8Array | Uint8ClampedArray,
  { width, height }: { readonly width: number; readonly height: number },
): 'grey' | 'colour' {
  const channels = data.length / (width * height);
  if (channels < 3) return 'grey';
  let difference = 0;
  for (let i = 0; i < data.length; i += channels) {
    const [red, green, blue] = [data[i], data[i + 1], data[i + 2]];
    difference += Math.max(red, green, blue) - Math.min(red, green, blue);
  }
  return difference / (width * height) < greyDifference ? 'grey' : 'colour';
}

/** Pictures of one group. */
export interface Group {
  /** The grouping, e.g. `size`. */
  readonly by: string;
  readonly group: string;
  /** Places among the pictures that were given. */
  readonly members: readonly number[];
}

/** Groups of all groupings: sizes from small to large, others by name. @param tags of each picture */
export function groupsOf(tags: readonly Tags[]): Group[] {
  const groupings = [...new Set(tags.flatMap((own) => Object.keys(own)))];
  return groupings.flatMap((by) => {
    const members = new Map<string, number[]>();
    tags.forEach((own, i) => {
      if (!Object.hasOwn(own, by)) return;
      members.set(own[by], [...(members.get(own[by]) ?? []), i]);
    });
    const names = [...members.keys()].sort(
      (a, b) => sizeGroups.indexOf(a) - sizeGroups.indexOf(b) || (a < b ? -1 : 1),
    );
    return names.map((group) => ({ by, group, members: members.get(group)! }));
  });
}
