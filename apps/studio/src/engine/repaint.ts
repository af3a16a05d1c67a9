import { effect, untracked } from '@preact/signals';
import { isMirrored, shown } from '../state/live.ts';
import { look } from '../state/look.ts';
import { sayError } from '../state/messages.ts';
import { seenAt, stage, view } from '../state/stage.ts';
import { recordRender } from '../state/times.ts';
import { frameOf } from '../view.ts';
import { painter } from './painter.ts';

/**
 * Keeps a canvas as the painter draws what is shown: one drawing under way, and when anything has changed meanwhile, one
 * more.
 * @returns what ends it
 */
export function keepPainted(canvas: HTMLCanvasElement): () => void {
  const context = canvas.getContext('bitmaprenderer');
  let isBusy = false;
  let hasChanged = false;
  /** What the canvas shows. */
  let painted: string | undefined;

  async function draw(): Promise<void> {
    const picture = shown.value;
    const frame = picture?.size && view.value && frameOf(view.value, stage.value, picture.size);
    canvas.hidden = !frame;
    if (!frame) return;
    canvas.classList.toggle('is-stale', picture.id !== painted); // while the painter is busy with something long
    const { bitmap, milliseconds } = await painter.paint(picture.id, look.value, frame.viewport);
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    const ratio = devicePixelRatio;
    const [from, to] = [seenAt(frame.left), seenAt(frame.left + bitmap.width)];
    canvas.style.left = `${Math.min(from, to) / ratio}px`;
    canvas.style.transform = to < from ? 'scaleX(-1)' : '';
    canvas.style.top = `${frame.top / ratio}px`;
    canvas.style.width = `${bitmap.width / ratio}px`;
    canvas.style.height = `${bitmap.height / ratio}px`;
    context?.transferFromImageBitmap(bitmap);
    painted = picture.id;
    canvas.classList.remove('is-stale');
    canvas.dataset.shows = picture.result ? 'mask' : 'picture';
    if (picture.result) recordRender(picture.id, milliseconds);
  }

  async function request(): Promise<void> {
    hasChanged = true;
    if (isBusy) return;
    isBusy = true;
    while (hasChanged) {
      hasChanged = false;
      const { id } = shown.value ?? {};
      await draw().catch((error) => {
        if (shown.value?.id === id) sayError(error); // what is gone needs no picture
      });
    }
    isBusy = false;
  }

  return effect(() => {
    // what a drawing depends on
    void [shown.value, look.value, view.value, stage.value, isMirrored.value];
    untracked(request);
  });
}
