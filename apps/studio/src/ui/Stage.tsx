import { useEffect, useRef } from 'preact/hooks';
import { keepProbe } from '../engine/probe.ts';
import { keepPainted } from '../engine/repaint.ts';
import { saving } from '../engine/save.ts';
import { formats } from '../formats.ts';
import { shown } from '../state/live.ts';
import { stage } from '../state/stage.ts';
import { followPointers } from './gestures.ts';
import { onStageKey } from './keys.ts';
import { LiveBar } from './LiveBar.tsx';
import { Messages } from './Messages.tsx';
import { Empty, Notice } from './Notice.tsx';
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
        <Messages />
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
