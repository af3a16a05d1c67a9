import { useEffect, useRef } from 'preact/hooks';
import { again, stopAll } from '../engine/queue.ts';
import { keepPainted } from '../engine/repaint.ts';
import { live, shown } from '../state/live.ts';
import { selected } from '../state/pictures.ts';
import { ownView, stage } from '../state/stage.ts';
import { followPointers } from './gestures.ts';
import { onStageKey } from './keys.ts';
import { LiveBar } from './LiveBar.tsx';
import { ProbeLabel } from './ProbeLabel.tsx';
import { WipeHandle } from './WipeHandle.tsx';
import { ZoomBar } from './ZoomBar.tsx';

/** Follows an element's size in canvas pixels. */
function followSize(element: HTMLElement): () => void {
  const observer = new ResizeObserver(([entry]) => {
    const { width, height } = entry.contentRect;
    stage.value = {
      width: Math.max(1, Math.round(width * devicePixelRatio)),
      height: Math.max(1, Math.round(height * devicePixelRatio)),
    };
  });
  observer.observe(element);
  return () => observer.disconnect();
}

/** Picture and mask on one canvas, no larger than what is seen of them. */
export function Stage() {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!box.current || !canvas.current) return;
    const ends = [followSize(box.current), keepPainted(canvas.current), followPointers(box.current)];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  const id = shown.value?.id;
  useEffect(() => {
    ownView.value = undefined;
  }, [id]);
  return (
    <div class="stage">
      <div
        ref={box}
        class="surface"
        role="application"
        aria-label="Picture and mask"
        aria-describedby="stage-keys"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys zoom and pan, as a map's do
        tabIndex={0}
        onKeyDown={onStageKey}
      >
        <canvas ref={canvas} hidden role="img" aria-label={description()} />
        <WipeHandle />
        <ProbeLabel />
      </div>
      <p id="stage-keys" class="unseen">
        Plus and minus zoom, arrows move, 0 shows all, 1 shows pixel for pixel, shift with arrows asks for a
        class.
      </p>
      <Notice />
      <div class="stage-bars">
        <LiveBar />
        <ZoomBar />
      </div>
    </div>
  );
}

function description(): string {
  const { name, result } = shown.value ?? {};
  if (!name) return 'No picture yet';
  return result ? `${name} with its mask` : `${name}, no mask yet`;
}

/** What is going on with the picture, where there is no mask to see. */
function Notice() {
  const picture = selected.value;
  if (live.value || !picture) return null;
  const { id, name, state, error, credit } = picture;
  if (state === 'done') return credit ? <p class="credit">{credit}</p> : null;
  return (
    <div class={`notice ${state}`} role="status">
      {state === 'failed' && <p>{error}</p>}
      {state === 'waiting' && <p>{name}: waiting for the model …</p>}
      {state === 'running' && <p>Segmenting {name} …</p>}
      {state === 'stopped' && <p>{name}: stopped</p>}
      {(state === 'running' || state === 'waiting') && (
        <button type="button" onClick={stopAll}>
          Stop
        </button>
      )}
      {(state === 'stopped' || state === 'failed') && (
        <button type="button" onClick={() => again([id])}>
          Segment again
        </button>
      )}
    </div>
  );
}
