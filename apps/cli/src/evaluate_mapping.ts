import {
  type ClassGroup,
  type ClassTable,
  classTable,
  formatClassGroups,
  type Mapping,
  ownGroups,
  ownTable,
} from '@atrous/dataset';
import { AtrousError } from '@atrous/tensor';
import { mappingAdvice } from './classes.ts';

/** What was said about classes. */
export interface MappingFlags {
  readonly classes?: readonly ClassGroup[];
  readonly labelClasses?: readonly ClassGroup[];
  readonly ignore?: readonly number[];
}

/** The model's side. */
export interface ModelClasses {
  /** By id. */
  readonly names: readonly string[];
  readonly ignoreId?: number;
}

/**
 * What predictions and labels become. `--classes` is for both sides, unless `--label-classes` says what the ids of the
 * labels are; then the model's own id to ignore means nothing in the labels, and 255 is ignored.
 * @throws AtrousError `input` for unknown names and ids, and for ids of the model that no class takes
 */
export function evaluateMapping(flags: MappingFlags, model: ModelClasses): Mapping {
  const { classes: given, labelClasses } = flags;
  const groups = given ?? ownGroups(model.names);
  return {
    classes: groups.map(({ name }) => name),
    predictions: given ? predictionTable(given, model) : ownTable(model.names.length),
    labels: labelClasses ? foreignTable(groups, labelClasses, flags) : sameTable(flags, model),
  };
}

function predictionTable(groups: readonly ClassGroup[], { names }: ModelClasses): ClassTable {
  const mapping = classTable(groups, { names, advice: mappingAdvice });
  const known = `the model has ${names.map((name, id) => `${id} ${name}`).join(', ')}`;
  for (const { name, members } of groups) {
    const strange = members.find((member) => /^\d+$/.test(member) && Number(member) >= names.length);
    if (strange !== undefined && !names.includes(strange))
      throw new AtrousError(
        'input',
        `--classes: class "${name}" takes id ${strange}, which the model does not have: ${known}; ids of the labels alone go to --label-classes`,
      );
  }
  const left = names.flatMap((name, id) => (mapping.table[id] < 0 ? [`${id} (${name})`] : []));
  if (left.length > 0)
    throw new AtrousError(
      'input',
      `--classes ${formatClassGroups(groups)}: no class takes ${left.join(', ')} of the model: add them, or give one class "=*" for the rest`,
    );
  return mapping;
}

/** Labels with the model's ids: what is beyond them is ignored. */
function sameTable({ classes, ignore }: MappingFlags, { names, ignoreId }: ModelClasses): ClassTable {
  const ignored = ignore ?? (ignoreId === undefined ? [] : [ignoreId]);
  if (!classes) return ownTable(names.length, ignored);
  return classTable(classes, { names, ignore: ignored, ignoreFrom: names.length, advice: mappingAdvice });
}

/** Labels with ids of their own. */
function foreignTable(
  groups: readonly ClassGroup[],
  labelClasses: readonly ClassGroup[],
  { ignore = [255] }: MappingFlags,
): ClassTable {
  const strange = labelClasses.find(({ name }) => !groups.some((group) => group.name === name));
  if (strange)
    throw new AtrousError(
      'input',
      `--label-classes: unknown class "${strange.name}": expected some of ${groups.map(({ name }) => name).join(', ')}`,
    );
  const inOrder = groups.map(({ name }) => ({
    name,
    members: labelClasses.find((group) => group.name === name)?.members ?? [],
  }));
  return classTable(inOrder, { ignore, advice: 'extend --label-classes or use --ignore' });
}
