import { effect, untracked } from '@preact/signals';
import { shown } from '../state/live.ts';
import { probe, stage, view } from '../state/stage.ts';
import { type Point, pictureAt } from '../view.ts';
import { painter } from './painter.ts';

/** The last pixel that was asked about, or none any more. */
let wanted: Point | undefined;
let isBusy = false;

/** Asks for the class under a point of the stage. */
export function askAt(at: Point): void {
  const { size, result } = shown.value ?? {};
  if (!size || !view.value || !result) {
    forgetProbe();
    return;
  }
  const { x, y } = pictureAt(view.value, stage.value, size, at);
  const pixel = { x: Math.floor(x), y: Math.floor(y) };
  const isInside = pixel.x >= 0 && pixel.y >= 0 && pixel.x < size.width && pixel.y < size.height;
  if (isInside) ask(pixel);
  else forgetProbe();
}

/** Asks for the class of a pixel, or of the nearest that the picture has. */
export function askAtPixel({ x, y }: Point): void {
  const { size, result } = shown.value ?? {};
  if (!size || !result) return;
  ask({ x: Math.min(size.width - 1, Math.max(0, x)), y: Math.min(size.height - 1, Math.max(0, y)) });
}

export function forgetProbe(): void {
  wanted = undefined;
  probe.value = undefined;
}

/** One question under way; when it is answered, the newest. */
async function ask(pixel: Point): Promise<void> {
  wanted = pixel;
  if (isBusy) return;
  isBusy = true;
  for (let asked: Point | undefined; wanted && wanted !== asked; ) {
    asked = wanted;
    const id = shown.value?.id;
    const answer = id && (await painter.inspect(id, asked.x, asked.y).catch(() => undefined)); // gone meanwhile
    if (answer && wanted && id === shown.value?.id) probe.value = { pixel: asked, ...answer };
  }
  isBusy = false;
}

/** Another picture is not asked about yet; another mask of the same one is asked again. */
export function keepProbe(): () => void {
  let id: string | undefined;
  return effect(() => {
    const { id: now, result, size } = shown.value ?? {};
    untracked(() => {
      if (now !== id || !result || !size) forgetProbe();
      else if (probe.value) askAtPixel({ ...probe.value.pixel });
      id = now;
    });
  });
}
