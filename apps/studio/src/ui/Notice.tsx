import { startEngine } from '../engine/choose.ts';
import { again, stopAll } from '../engine/queue.ts';
import { addSamples } from '../engine/samples.ts';
import { engine, loading } from '../state/engine.ts';
import { live } from '../state/live.ts';
import { type Picture, selected } from '../state/pictures.ts';

/** What to do where nothing is open. */
export function Empty() {
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
export function Notice() {
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
        <button type="button" onClick={() => startEngine()}>
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
