import { takeFiles } from '../engine/intake.ts';
import { startCamera } from '../engine/live.ts';
import { acceptedEndings } from '../engine/model_files.ts';
import { isKept, shipped } from '../engine/models.ts';
import { addSamples } from '../engine/samples.ts';
import { canIsolate, offline, reloadForThreads, takeUpdate } from '../offline/registration.ts';
import { engine } from '../state/engine.ts';
import { sayError } from '../state/messages.ts';
import { threadsOf } from './format.ts';
import { Icon } from './Icon.tsx';

export function Header() {
  return (
    <header>
      <h1>
        <img src="./icon.svg" alt="" width={28} height={28} /> Atrous Studio
      </h1>
      <fieldset class="inputs" aria-label="Pictures in">
        <label class="button primary">
          <Icon name="open" /> <span>Open</span>
          <input
            type="file"
            class="unseen"
            multiple
            accept={`image/*,video/*,.heic,.heif,${acceptedEndings}`}
            aria-label="Open pictures, a video or a model"
            onChange={({ currentTarget }) => {
              takeFiles([...(currentTarget.files ?? [])]);
              currentTarget.value = ''; // the same file may be chosen again
            }}
          />
        </label>
        <button type="button" onClick={startCamera}>
          <Icon name="camera" /> <span>Camera</span>
        </button>
        <button type="button" onClick={addSamples}>
          <Icon name="samples" /> <span>Samples</span>
        </button>
      </fieldset>
      <p class="hint drop-hint">or drop, or paste. Nothing leaves your machine.</p>
      <Status />
    </header>
  );
}

const offlineTexts = {
  none: () => '',
  preparing: () => 'preparing for offline …',
  ready: readyText,
  update: () => 'a new version is here',
} as const;

/** With which models. */
function readyText(): string {
  const here = shipped.filter(isKept);
  if (here.length === 0) return 'offline but for models';
  if (here.length === shipped.length) return 'works offline';
  return `works offline with ${here.map(({ title }) => title).join('; ')}`;
}

/** What runs where, and what could be better. */
function Status() {
  const { state, reason } = offline.value;
  const text = offlineTexts[state]();
  return (
    <div class="status">
      {engine.value && (
        <span class="chip" title={engine.value.segmenter.reason}>
          {engine.value.segmenter.runtime} · {threadsOf(engine.value)}
        </span>
      )}
      {!globalThis.crossOriginIsolated && (
        <span
          class="chip warning"
          title="Threads share memory, which browsers allow only in cross-origin isolated pages. Everything works on one, more slowly."
        >
          not isolated
        </span>
      )}
      {canIsolate() && (
        <button
          type="button"
          onClick={() => reloadForThreads().catch(sayError)}
          title="Reloads the page; your pictures stay"
        >
          Turn threads on
        </button>
      )}
      {text && <span class="chip">{text}</span>}
      {state === 'none' && reason && (
        <span class="chip" title={reason}>
          online only
        </span>
      )}
      {state === 'update' && (
        <button type="button" onClick={() => takeUpdate().catch(sayError)}>
          Reload
        </button>
      )}
    </div>
  );
}
