import { askAtPixel, forgetProbe } from '../engine/probe.ts';
import { isMirrored, shown } from '../state/live.ts';
import { probe } from '../state/stage.ts';
import { moveBy, showAll, showPixels, zoomBy } from './gestures.ts';

const step = 60;
const arrows: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const actions: Readonly<Record<string, () => void>> = {
  '+': () => zoomBy(1.25),
  '=': () => zoomBy(1.25),
  '-': () => zoomBy(0.8),
  '0': showAll,
  '1': showPixels,
  Escape: forgetProbe,
};

/** Where an arrow points on the picture: as it is seen, in a mirror too. */
function arrowOf(key: string): readonly [x: number, y: number] | undefined {
  const arrow = arrows[key];
  return arrow && isMirrored.value ? [-arrow[0], arrow[1]] : arrow;
}

/** Keys of the stage while it has the focus. */
export function onStageKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
  const arrow = arrowOf(event.key);
  if (arrow && event.shiftKey) moveProbe(arrow);
  else if (arrow) moveBy(-arrow[0] * step, -arrow[1] * step);
  else if (actions[event.key]) actions[event.key]();
  else return;
  event.preventDefault();
}

/** Asks for the class a fiftieth of the picture further, from the middle on. */
function moveProbe([x, y]: readonly [number, number]): void {
  const size = shown.value?.size;
  if (!size) return;
  const by = Math.max(1, Math.round(Math.max(size.width, size.height) / 50));
  const from = probe.value?.pixel ?? { x: Math.floor(size.width / 2), y: Math.floor(size.height / 2) };
  askAtPixel({ x: from.x + x * by, y: from.y + y * by });
}
