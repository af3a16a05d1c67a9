import { AtrousError } from '@atrous/tensor';

/** A class, and what becomes it. */
export interface ClassGroup {
  readonly name: string;
  /** Ids, names of classes, or `*` for all ids that no other group takes; empty where only a name was written. */
  readonly members: readonly string[];
}

/**
 * `background=0,person=1+2+3`: classes in their order, each with the ids, or names of other classes, that become it;
 * `background=*,person=15`: all the rest becomes background. Names alone (`sky,ground`) stand for the ids 0, 1, 2, …
 * @throws AtrousError `input`
 */
export function parseClassGroups(text: string): ClassGroup[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  if (parts.length < 2) throw new AtrousError('input', 'Expected at least two classes.');
  const isMapped = parts.some((part) => part.includes('='));
  const groups = parts.map((part, i) => {
    const [, name, members] = /^([^=]+?)\s*(?:=([^=]+))?$/.exec(part) ?? [];
    const listed = members?.split('+').map((member) => member.trim()) ?? [String(i)];
    if (name === undefined || (isMapped && members === undefined) || listed.includes(''))
      throw new AtrousError('input', `"${part}": expected NAME=ID or NAME=ID+ID for each class.`);
    return { name, members: listed };
  });
  const members = groups.flatMap((group) => group.members);
  if (hasTwice(groups.map(({ name }) => name)) || hasTwice(members))
    throw new AtrousError('input', 'Duplicate class name or id.');
  return groups;
}

/** As `parseClassGroups` reads it. */
export const formatClassGroups = (groups: readonly ClassGroup[]): string =>
  groups.map(({ name, members }) => `${name}=${members.join('+')}`).join(',');

/** Classes as they are: each takes its own id. */
export const ownGroups = (names: readonly string[]): ClassGroup[] =>
  names.map((name, id) => ({ name, members: [String(id)] }));

/**
 * The ids of each group; null for the one that takes the rest.
 * @param names names of classes by id, which members may be
 * @throws AtrousError `input` for a name that no class has, and an id that two groups take
 */
export function idsOfGroups(
  groups: readonly ClassGroup[],
  names: readonly string[] = [],
): (readonly number[] | null)[] {
  const ids = groups.map(({ name, members }) =>
    members.includes('*') && members.length === 1 ? null : members.map((member) => idOf(member, name, names)),
  );
  const taken = ids.flatMap((own) => own ?? []);
  const twice = taken.find((id, i) => taken.indexOf(id) < i);
  if (twice !== undefined)
    throw new AtrousError('input', `id ${twice}${named(names, twice)} is given to two classes: keep one`);
  return ids;
}

function idOf(member: string, group: string, names: readonly string[]): number {
  const id = names.indexOf(member);
  if (id >= 0) return id;
  if (/^\d{1,5}$/.test(member) && Number(member) <= mostId) return Number(member);
  const expected =
    names.length > 0
      ? `an id, one of the names ${names.join(', ')}, or * alone for the rest`
      : `an id from 0 to ${mostId}, or * alone for the rest`;
  throw new AtrousError('input', `class "${group}": unknown member "${member}": expected ${expected}`);
}

/** Label files hold up to 16 bits. */
export const mostId = 65535;

const named = (names: readonly string[], id: number): string => (names[id] ? ` ("${names[id]}")` : '');

const hasTwice = (values: readonly string[]): boolean => new Set(values).size < values.length;
