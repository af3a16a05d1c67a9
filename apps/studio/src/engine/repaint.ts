import { effect, untracked } from '@preact/signals';
import { isMirrored, liveCanvas, shown } from '../state/live.ts';
import { look } from '../state/look.ts';
import { sayError } from '../state/messages.ts';
import { seenAt, stage, view } from '../state/stage.ts';
import { recordRender } from '../state/times.ts';
import { frameOf, placeOf } from '../view.ts';
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
    canvas.hidden = !frame || liveCanvas.value !== undefined;
    if (liveCanvas.value) return placeLive(liveCanvas.value);
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

  /** What a worker draws is there whole; the stage shows a part of it. */
  function placeLive(drawn: HTMLCanvasElement): void {
    const { name, size } = shown.value ?? {};
    if (drawn.parentElement !== canvas.parentElement) canvas.after(drawn);
    if (!size || !view.value) return;
    const { left, top, width, height } = placeOf(view.value, stage.value, size);
    const ratio = devicePixelRatio;
    const isTurned = isMirrored.value;
    drawn.role = 'img';
    drawn.ariaLabel = `${name} with its mask`;
    drawn.dataset.shows = 'mask';
    drawn.style.left = `${(isTurned ? seenAt(left + width) : left) / ratio}px`;
    drawn.style.top = `${top / ratio}px`;
    drawn.style.width = `${width / ratio}px`;
    drawn.style.height = `${height / ratio}px`;
    drawn.style.transform = isTurned ? 'scaleX(-1)' : '';
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

  let before: HTMLCanvasElement | undefined;
  return effect(() => {
    // what a drawing depends on
    void [shown.value, look.value, view.value, stage.value, isMirrored.value];
    if (before !== liveCanvas.value) before?.remove();
    before = liveCanvas.value;
    untracked(request);
  });
}
