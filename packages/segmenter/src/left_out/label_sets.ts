import { colorOf, formatColor, type NamedClass, pascalVoc } from '@atrous/mask';

/** Stands for the classes of known datasets, which only files without a config need: they are numbers without them. */
export const labelSets: readonly never[] = [];
export const isImagenetCount = (classes: number): boolean => classes === 1000 || classes === 1001;
export const labelSetName = (): undefined => undefined;
export const labelsFor = async (classes: number): Promise<{ readonly labels: readonly NamedClass[] }> => ({
  labels: Array.from({ length: classes }, (_, id) => ({
    id,
    name: `class ${id}`,
    color: formatColor(colorOf(pascalVoc, id)),
  })),
});
