import { foldedGroup, foldGroups, groupsFor, type Kernel, kernel } from './kernel.ts';

const threads = 64;
/** Numbers that a thread looks at. */
const each = 16;

/** Writes 1 where some of the numbers are NaN or infinite, and nothing where none is. By their bits: compilers may take it that there is no NaN. */
export const notFinite: Kernel<'count'> = kernel({
  key: 'not finite',
  params: ['count'],
  reads: { input: 'f32' },
  writes: { found: 'u32' },
  workgroup: [threads, 1, 1],
  body: `    let first = (${foldedGroup} * ${threads} + i32(local.x)) * ${each};
    for (var i = first; i < min(p.count, first + ${each}); i++) {
      if ((bitcast<u32>(input[i]) & 0x7f800000u) == 0x7f800000u) { found[0] = 1u; }
    }`,
});

export const notFiniteGroups = (count: number): readonly [number, number, number] => [
  1,
  ...foldGroups(groupsFor(count, threads * each)),
];
