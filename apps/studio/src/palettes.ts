import {
  ade20k,
  backgroundIds,
  cityscapes,
  krzywinski,
  type NamedClass,
  okabeIto,
  type Palette,
  paletteOf,
  pascalVoc,
} from '@atrous/mask';

/** Palettes to choose from; null is the model's own. */
export const palettes = {
  model: { title: "The model's own", colors: null },
  okabeIto: { title: 'Colour-blind safe (8)', colors: okabeIto.slice(1) },
  krzywinski: { title: 'Colour-blind safe (12)', colors: krzywinski },
  pascalVoc: { title: 'Pascal VOC', colors: pascalVoc.slice(1) },
  cityscapes: { title: 'Cityscapes', colors: cityscapes },
  ade20k: { title: 'ADE20K', colors: ade20k },
} as const satisfies Record<string, { title: string; colors: Palette | null }>;
export type PaletteName = keyof typeof palettes;

/** A colour per class; what is background keeps its own. */
export function chosenPalette(name: PaletteName, classes: readonly NamedClass[]): Palette {
  const own = paletteOf(classes);
  const { colors } = palettes[name] as { colors: Palette | null };
  if (!colors) return own;
  const background = backgroundIds(classes);
  let next = 0;
  return own.map((color, id) => (background.includes(id) ? color : colors[next++ % colors.length]));
}
