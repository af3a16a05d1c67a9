import { type Color, formatColor, type NamedClass } from '@atrous/mask';
import { computed, signal } from '@preact/signals';
import type { Look, Mode } from '../look.ts';
import { chosenPalette, type PaletteName } from '../palettes.ts';
import { classes } from './engine.ts';

export const mode = signal<Mode>('overlay');
export const opacity = signal(0.6);
export const outline = signal(true);
export const paletteName = signal<PaletteName>('model');
export const hidden = signal<readonly number[]>([]);
export const wipe = signal<number | undefined>();
export const backdrop = signal<Color>([38, 132, 99]);
/** The picture that was chosen in its place. */
export const backdropPicture = signal<File | undefined>();

const palette = computed(() => chosenPalette(paletteName.value, classes.value));

/** Names, and the colours that are shown. */
export const shownClasses = computed((): readonly NamedClass[] =>
  classes.value.map(({ id, name }) => ({ id, name, color: formatColor(palette.value[id]) })),
);

export const look = computed(
  (): Look => ({
    mode: mode.value,
    opacity: opacity.value,
    outline: outline.value,
    palette: palette.value,
    hidden: hidden.value,
    wipe: wipe.value,
    backdrop: backdrop.value,
  }),
);

export const isHidden = (id: number): boolean => hidden.value.includes(id);

export function toggleHidden(id: number): void {
  hidden.value = isHidden(id) ? hidden.value.filter((other) => other !== id) : [...hidden.value, id];
}

/** Whether nothing but one class is shown. */
export const isSolo = (id: number): boolean =>
  classes.value.length > 1 && classes.value.every((label) => isHidden(label.id) === (label.id !== id));

/** Shows one class alone; once more, all of them again. */
export function toggleSolo(id: number): void {
  const others = classes.value.map((label) => label.id).filter((other) => other !== id);
  hidden.value = isSolo(id) ? [] : others;
}
