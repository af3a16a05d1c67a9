import { isMirrored, shown } from '../state/live.ts';
import { wipe } from '../state/look.ts';
import { seenAt, stage, view } from '../state/stage.ts';
import { pictureAt, stageAt } from '../view.ts';

const clamp = (share: number) => Math.min(1, Math.max(0, share));

const steps: Readonly<Record<string, (share: number) => number>> = {
  ArrowLeft: (share) => share - 0.02,
  ArrowRight: (share) => share + 0.02,
  Home: () => 0,
  End: () => 1,
};

/** The line between picture and mask: dragged, or moved by arrows. */
export function WipeHandle() {
  const size = shown.value?.size;
  if (wipe.value === undefined || !size || !view.value) return null;
  const { x } = stageAt(view.value, stage.value, size, { x: wipe.value * size.width, y: 0 });
  const drag = (event: PointerEvent) => {
    const surface = (event.currentTarget as HTMLElement).parentElement;
    if (!surface || !view.value || event.buttons === 0) return;
    const x = seenAt((event.clientX - surface.getBoundingClientRect().left) * devicePixelRatio);
    wipe.value = clamp(pictureAt(view.value, stage.value, size, { x, y: 0 }).x / size.width);
  };
  return (
    <div
      class="wipe"
      role="slider"
      tabIndex={0}
      aria-label={
        isMirrored.value ? 'Mask on the left, picture on the right' : 'Picture on the left, mask on the right'
      }
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round((isMirrored.value ? 1 - wipe.value : wipe.value) * 100)}
      style={{ left: `${seenAt(x) / devicePixelRatio}px` }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onKeyDown={(event) => {
        const next = steps[event.key];
        if (!next || wipe.value === undefined) return;
        event.preventDefault();
        // keys go as they are seen, in a mirror too
        wipe.value = clamp(isMirrored.value ? 1 - next(1 - wipe.value) : next(wipe.value));
      }}
    />
  );
}
