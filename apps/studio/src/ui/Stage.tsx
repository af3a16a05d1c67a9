import { useEffect, useRef } from 'preact/hooks';
import { chooseEngine } from '../engine/load.ts';
import { shipped } from '../engine/models.ts';
import { keepProbe } from '../engine/probe.ts';
import { again, stopAll } from '../engine/queue.ts';
import { keepPainted } from '../engine/repaint.ts';
import { addSamples } from '../engine/samples.ts';
import { saving } from '../engine/save.ts';
import { formats } from '../formats.ts';
import { engine, loading } from '../state/engine.ts';
import { live, shown } from '../state/live.ts';
import { type Picture, selected } from '../state/pictures.ts';
import { stage } from '../state/stage.ts';
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
    const ends = [
      followSize(box.current),
      keepPainted(canvas.current),
      followPointers(box.current),
      keepProbe(),
    ];
    return () => {
      for (const end of ends) end();
    };
  }, []);
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
      <Empty />
      <div class="stage-bars">
        <span role="status" class="hint">
          {saving.value && `Writing ${formats[saving.value].title} …`}
        </span>
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

/** What to do where nothing is open. */
function Empty() {
  if (live.value || selected.value) return null;
  return (
    <div class="empty">
      <p>Open, drop or paste pictures or a video, or use the camera.</p>
      <button type="button" onClick={addSamples}>
        Show the samples
      </button>
    </div>
  );
}

/** What is going on with the picture, where there is no mask to see. */
function Notice() {
  const picture = live.value ? undefined : selected.value;
  const { id, state, credit } = picture ?? {};
  const canStop = state === 'running' || (state === 'waiting' && engine.value);
  return (
    <div role="status" class={`notice ${state ?? ''}`} hidden={!picture || (state === 'done' && !credit)}>
      {picture && <p>{noticeOf(picture)}</p>}
      {canStop && (
        <button type="button" onClick={stopAll}>
          Stop
        </button>
      )}
      {state === 'waiting' && !engine.value && !loading.value && (
        <button type="button" onClick={() => chooseEngine(shipped[0], 'auto')}>
          Load the model
        </button>
      )}
      {id && (state === 'stopped' || (state === 'failed' && picture?.size)) && (
        <button type="button" onClick={() => again([id])}>
          Segment again
        </button>
      )}
    </div>
  );
}

function noticeOf({ name, state, error, credit }: Picture): string | undefined {
  const texts: Readonly<Record<Picture['state'], string | undefined>> = {
    waiting: engine.value
      ? `${name}: waiting for its turn …`
      : loading.value
        ? `${name}: waiting for the model …`
        : 'No model is loaded',
    running: `Segmenting ${name} …`,
    stopped: `${name}: stopped`,
    failed: error,
    done: credit,
  };
  return texts[state];
}
