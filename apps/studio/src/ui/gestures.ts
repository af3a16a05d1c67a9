import { askAt, forgetProbe } from '../engine/probe.ts';
import { shown } from '../state/live.ts';
import { lookAt, seenAt, stage, view } from '../state/stage.ts';
import { type Point, panBy, zoomAt } from '../view.ts';

/** Zooms by a factor around a point of the stage, its middle by default. */
export function zoomBy(factor: number, at?: Point): void {
  const size = shown.value?.size;
  if (!size || !view.value) return;
  const middle = { x: stage.value.width / 2, y: stage.value.height / 2 };
  lookAt(zoomAt(view.value, stage.value, size, factor, at ?? middle));
}

/** Moves by canvas pixels. */
export function moveBy(x: number, y: number): void {
  const size = shown.value?.size;
  if (size && view.value) lookAt(panBy(view.value, stage.value, size, { x, y }));
}

/** One canvas pixel for one of the picture. */
export function showPixels(): void {
  if (view.value) lookAt({ ...view.value, scale: 1 });
}

export function showAll(): void {
  lookAt();
}

/** Whether it is the wipe's handle that is meant. */
const isOnHandle = ({ target }: Event) => Boolean((target as Element).closest('[role=slider]'));

/** Mouse, pen and fingers: drag to move, wheel or pinch to zoom, hover to ask for a class. */
export function followPointers(surface: HTMLElement): () => void {
  const down = new Map<number, Point>();
  const end = new AbortController();
  const { signal } = end;

  const pointOf = (event: MouseEvent): Point => {
    const box = surface.getBoundingClientRect();
    const x = seenAt((event.clientX - box.left) * devicePixelRatio);
    return { x, y: (event.clientY - box.top) * devicePixelRatio };
  };
  const middle = (points: readonly Point[]): Point => ({
    x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
    y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
  });
  const spread = ([a, b]: readonly Point[]) => (b ? Math.hypot(a.x - b.x, a.y - b.y) : 1);

  surface.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * 16 : event.deltaY;
      zoomBy(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.002)), pointOf(event));
    },
    { passive: false, signal },
  );
  surface.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0 || isOnHandle(event)) return;
      surface.setPointerCapture(event.pointerId);
      down.set(event.pointerId, pointOf(event));
    },
    { signal },
  );
  surface.addEventListener(
    'pointermove',
    (event) => {
      const now = pointOf(event);
      if (!down.has(event.pointerId)) {
        if (isOnHandle(event)) forgetProbe();
        else askAt(now);
        return;
      }
      const before = [...down.values()];
      down.set(event.pointerId, now);
      const after = [...down.values()];
      const [from, to] = [middle(before), middle(after)];
      moveBy(to.x - from.x, to.y - from.y);
      if (after.length === 2) zoomBy(spread(after) / Math.max(1, spread(before)), to);
    },
    { signal },
  );
  surface.addEventListener(
    'pointerup',
    (event) => {
      if (!down.delete(event.pointerId)) return;
      if (event.pointerType !== 'mouse' && down.size === 0) askAt(pointOf(event)); // fingers do not hover
    },
    { signal },
  );
  surface.addEventListener('pointercancel', ({ pointerId }) => down.delete(pointerId), { signal });
  surface.addEventListener(
    'pointerleave',
    ({ pointerType }) => {
      if (pointerType === 'mouse') forgetProbe();
    },
    { signal },
  );
  surface.addEventListener('dblclick', (event) => zoomBy(2, pointOf(event)), { signal });
  return () => end.abort();
}
