import { shown } from '../state/live.ts';
import { shownClasses } from '../state/look.ts';
import { probe, seenAt, stage, view } from '../state/stage.ts';
import { stageAt } from '../view.ts';
import { percent } from './format.ts';

/** Class and confidence of the pixel that somebody asks about. */
export function ProbeLabel() {
  // the region is always there: one that comes with its text is not read
  return (
    <div role="status" class="probe-region">
      <Label />
    </div>
  );
}

function Label() {
  const size = shown.value?.size;
  if (!probe.value || !size || !view.value) return null;
  const { pixel, id, confidence } = probe.value;
  const at = stageAt(view.value, stage.value, size, { x: pixel.x + 0.5, y: pixel.y + 0.5 });
  const x = seenAt(at.x) / devicePixelRatio;
  const isFarRight = x > stage.value.width / devicePixelRatio - 180;
  const { name, color } = shownClasses.value[id] ?? { name: '', color: '#000000' };
  return (
    <div
      class={isFarRight ? 'probe is-left' : 'probe'}
      style={{ left: `${x}px`, top: `${at.y / devicePixelRatio}px` }}
    >
      <span class="swatch" style={{ background: color }} />
      <span>
        {name} {percent(confidence)}
      </span>
    </div>
  );
}
