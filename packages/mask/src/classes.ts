/** What a class is called and drawn with. */
export interface NamedClass {
  readonly id: number;
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
}

/** What is written as an object, in formats that list objects: COCO, LabelMe and CVAT. */
export interface ObjectOptions {
  /** Ids of classes that are no objects. @default those of `backgroundIds` */
  readonly background?: readonly number[];
  /** Connected areas of fewer pixels are left out. @default 1 */
  readonly minArea?: number;
}

const backgroundName = /^(background|bg|_background_|void|unlabel?led)$/i;

/** Ids of the classes that mean nothing in particular: named `background`, `bg`, `_background_`, `void` or `unlabelled`, in any case. */
export const backgroundIds = (classes: readonly Pick<NamedClass, 'id' | 'name'>[]): number[] =>
  classes.flatMap(({ id, name }) => (backgroundName.test(name) ? id : []));

/** The classes that are objects. */
export function objectClasses(
  classes: readonly NamedClass[],
  { background = backgroundIds(classes) }: ObjectOptions,
): readonly NamedClass[] {
  return classes.filter(({ id }) => !background.includes(id));
}
