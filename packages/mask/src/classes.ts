/** What a class is called and drawn with. */
export interface NamedClass {
  readonly id: number;
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
}

/** What is written as an object, in formats that list objects: COCO, LabelMe and CVAT. */
export interface ObjectOptions {
  /** Ids of classes that are no objects. @default the classes named `background`, `bg` or `_background_`, in any case */
  readonly background?: readonly number[];
  /** Connected areas of fewer pixels are left out. @default 1 */
  readonly minArea?: number;
}

const isBackground = /^(background|bg|_background_)$/i;

/** The classes that are objects. */
export function objectClasses(
  classes: readonly NamedClass[],
  { background }: ObjectOptions,
): readonly NamedClass[] {
  return classes.filter(({ id, name }) => !(background ? background.includes(id) : isBackground.test(name)));
}
