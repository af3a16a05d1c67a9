import { type ClassGroup, idsOfGroups, parseClassGroups } from '@atrous/dataset';
import { cityscapes, colorOf, formatColor } from '@atrous/mask';
import { messageOf } from '@atrous/tensor';
import { InvalidArgumentError } from 'commander';

/** Reads `sky=0,ground=3+4` for a flag. */
export function classGroups(text: string): ClassGroup[] {
  return asArgument(() => parseClassGroups(text));
}

/** The same, where members can only be ids, or `*`. */
export function idGroups(text: string): ClassGroup[] {
  return asArgument(() => {
    const groups = parseClassGroups(text);
    idsOfGroups(groups);
    return groups;
  });
}

/** What is wrong with a flag is said beside its name. */
function asArgument<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

/** Colours that are easy to tell apart. */
export const classColor = (id: number): string => formatColor(colorOf(cityscapes, id));

/** The id that is ignored, once ids are classes. */
export const ignored = 255;

/** For errors about ids that no class takes. */
export const mappingAdvice = 'extend --classes or use --ignore';
