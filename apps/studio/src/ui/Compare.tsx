import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Comparison, compare, comparing, comparison, stopComparing } from '../engine/compare.ts';
import { askRuntimes } from '../engine/runtimes.ts';
import { engine } from '../state/engine.ts';
import { live, shown } from '../state/live.ts';
import { selected } from '../state/pictures.ts';
import { runtimeTitles, statuses } from '../state/runtimes.ts';
import { Bitmap } from './Bitmap.tsx';
import { milliseconds } from './format.ts';

const first = signal('wasm');
const second = signal('tfjs:wasm');

/** Two runtimes side by side, and the pixels that differ. */
export function Compare() {
  useEffect(() => {
    askRuntimes();
  }, []);
  const [model, id] = [engine.value?.model, shown.value?.id];
  useEffect(() => stopComparing, [model, id]); // what is shown is of one model and one picture
  const isReady = Boolean(model && selected.value?.result && statuses.value && !live.value);
  return (
    <div class="compare">
      <div class="compare-bar">
        <RuntimeSelect label="First runtime" choice={first} />
        <RuntimeSelect label="Second runtime" choice={second} />
        <button
          type="button"
          disabled={!isReady || Boolean(comparing.value)}
          onClick={() => compare([first.value, second.value])}
        >
          Run both
        </button>
        {comparing.value && (
          <>
            <span role="status">Running {runtimeTitles[comparing.value]} …</span>
            <button type="button" onClick={stopComparing}>
              Stop
            </button>
          </>
        )}
      </div>
      {comparison.value && <Outcome comparison={comparison.value} />}
    </div>
  );
}

function RuntimeSelect({ label, choice }: { label: string; choice: { value: string } }) {
  return (
    <select
      aria-label={label}
      value={choice.value}
      onChange={({ currentTarget }) => {
        choice.value = currentTarget.value;
      }}
    >
      {(statuses.value ?? []).map(({ name, available }) => (
        <option key={name} value={name} disabled={!available}>
          {runtimeTitles[name] ?? name}
        </option>
      ))}
    </select>
  );
}

function Outcome({ comparison: { runtimes, times, difference } }: { comparison: Comparison }) {
  const { pixels, share, masks, marked } = difference;
  return (
    <div class="outcome">
      {masks.map((mask, i) => (
        <figure key={`${i} ${runtimes[i]}`}>
          <Bitmap bitmap={mask} label={`Mask of ${runtimes[i]}`} />
          <figcaption>
            {runtimeTitles[runtimes[i]]}: {milliseconds(times[i])} for the network
          </figcaption>
        </figure>
      ))}
      <figure>
        <Bitmap bitmap={marked} label="The pixels that differ, in red" />
        <figcaption>{`${pixels} pixels differ (${(share * 100).toPrecision(2)} %)`}</figcaption>
      </figure>
    </div>
  );
}
