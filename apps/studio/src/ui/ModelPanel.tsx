import type { RuntimeStatus } from '@atrous/segmenter/client';
import { useEffect, useRef } from 'preact/hooks';
import { chooseEngine, chooseRuntime, stopLoading } from '../engine/choose.ts';
import { keeping, keepModels, missingModels } from '../engine/keep.ts';
import { acceptedEndings, modelOfFiles } from '../engine/model_files.ts';
import { clearKept, isKept, kept, measureKept, modelOfUrl, shipped } from '../engine/models.ts';
import { seeBySeveralViews } from '../engine/queue.ts';
import { askRuntimes } from '../engine/runtimes.ts';
import { asked, engine, loading, type ModelChoice, mostThreads, wantedThreads } from '../state/engine.ts';
import { sayError } from '../state/messages.ts';
import { runtimeTitles, segmenterOptions, statuses } from '../state/runtimes.ts';
import { severalViews } from '../state/views.ts';
import { AboutModel } from './AboutModel.tsx';
import { bytes, lossOf, threadsOf } from './format.ts';

/** Which network, and what runs it. */
export function ModelPanel() {
  const own = engine.value?.model;
  const isOther = own && !shipped.some(({ id }) => id === own.id);
  const inUse = asked();
  return (
    <section class="panel" aria-labelledby="model-title">
      <h2 id="model-title">Model</h2>
      <fieldset class="choices">
        <legend class="unseen">Model</legend>
        {shipped.map((model) => (
          <label key={model.id}>
            <input
              type="radio"
              name="model"
              checked={inUse?.model.id === model.id}
              onChange={() => chooseEngine(model)}
            />
            <span>
              {model.title}{' '}
              <small>{`${model.about}; ${bytes(model.bytes)}${isKept(model) ? ', kept here' : ''}`}</small>
            </span>
          </label>
        ))}
        {isOther && (
          <label>
            <input
              type="radio"
              name="model"
              checked={inUse?.model.id === own.id}
              onChange={() => chooseEngine(own)}
            />
            <span>
              {own.title} <small>your own</small>
            </span>
          </label>
        )}
      </fieldset>
      {own?.recognised && <AboutModel about={own.recognised} />}
      {engine.value && <LoadingBar />}
      <SeveralViews />
      <OwnModel />
      <RuntimeChoice />
      <Kept />
    </section>
  );
}

const phases = {
  look: 'Looking at',
  unpack: 'Unpacking',
  wait: 'After the first mask:',
  download: 'Downloading',
  verify: 'Checking',
  compile: 'Compiling',
  start: 'Starting',
} as const;

export function LoadingBar() {
  const now = loading.value;
  if (!now) return null;
  const { part, phase, loaded, total } = now;
  const inWords = phase === 'compile' ? (count: number) => `${count}` : bytes;
  const amount = total && phase !== 'start' ? `${inWords(loaded)} of ${inWords(total)}` : '';
  return (
    <div class="loading">
      <span role="status">{`${phases[phase]} ${part.title} …`}</span>
      <span class="amount">{amount}</span>
      <progress
        aria-label={`Loading ${part.title}`}
        max={total}
        value={phase !== 'start' && total ? loaded : undefined}
      />
      <button type="button" class="quiet" onClick={stopLoading}>
        Cancel
      </button>
    </div>
  );
}

/** Better masks for more work. */
function SeveralViews() {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={severalViews.value}
        onChange={({ currentTarget }) => seeBySeveralViews(currentTarget.checked)}
      />
      <span>
        Look six times{' '}
        <small>at three scales and mirrored, for finer masks of pictures; about eight times as long</small>
      </span>
    </label>
  );
}

/** Files of a model, or its URL. */
function OwnModel() {
  const url = useRef<HTMLInputElement>(null);
  const load = (model: () => ModelChoice) => {
    try {
      chooseEngine(model());
    } catch (error) {
      sayError(error);
    }
  };
  return (
    <details class="more">
      <summary>A model of your own</summary>
      <p class="hint">
        Weights that you have: of PyTorch (.pth, .pt), Keras (.h5, .keras), TensorFlow (a checkpoint, a frozen
        graph, a model zoo's .tar.gz), TensorFlow.js, ONNX, or safetensors. Drop the file anywhere, or the
        folder; choose all files of those that are of several; or name a URL.
      </p>
      <label class="field">
        <span>Files</span>
        <input
          type="file"
          multiple
          accept={acceptedEndings}
          onChange={({ currentTarget }) => {
            const files = [...(currentTarget.files ?? [])];
            currentTarget.value = ''; // the same files may be chosen again
            if (files.length > 0) load(() => modelOfFiles(files));
          }}
        />
      </label>
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          load(() => modelOfUrl(url.current?.value ?? ''));
        }}
      >
        <label for="model-url">URL</label>
        <input id="model-url" ref={url} type="text" inputMode="url" placeholder="https://…/my-model/" />
        <button type="submit">Load</button>
      </form>
    </details>
  );
}

function RuntimeChoice() {
  const now = engine.value;
  const choice = asked();
  const status = (name: string): RuntimeStatus | undefined =>
    statuses.value?.find((each) => each.name === segmenterOptions(name).runtime);
  return (
    <>
      <h3>Runtime</h3>
      {now && (
        <p class="hint">
          {runtimeTitles[now.segmenter.runtime] ?? now.segmenter.runtime}
          {`${now.segmenter.compute === 'int8' ? ', in 8 bits' : ''}, ${threadsOf(now)}: ${now.segmenter.reason}`}
        </p>
      )}
      <details class="more" onToggle={({ currentTarget }) => currentTarget.open && askRuntimes()}>
        <summary>Choose a runtime</summary>
        {!statuses.value && <p class="hint">Looking what this browser has …</p>}
        <fieldset class="choices">
          <legend class="unseen">Runtime</legend>
          {Object.entries(runtimeTitles).map(([name, title]) => {
            const isMissing = status(name)?.available === false;
            return (
              <label key={name} class={isMissing ? 'is-missing' : ''}>
                <input
                  type="radio"
                  name="runtime"
                  checked={choice?.runtime === name}
                  disabled={isMissing || !choice}
                  onChange={() => chooseRuntime(name, wantedThreads())}
                />
                <span>
                  {title} {isMissing && <small>{status(name)?.reason}</small>}
                  {now && segmenterOptions(name).compute && (
                    <small>{lossOf(now.segmenter.config.compute?.int8)}</small>
                  )}
                </span>
              </label>
            );
          })}
        </fieldset>
        <ThreadChoice />
      </details>
    </>
  );
}

/** How many threads the WASM runtimes take. */
function ThreadChoice() {
  const choice = asked();
  const most = mostThreads();
  return (
    <>
      <label class="field">
        <span>Threads</span>
        <select
          value={wantedThreads()}
          disabled={most === 1 || !choice}
          onChange={({ currentTarget }) =>
            choice && chooseRuntime(choice.runtime, Number(currentTarget.value))
          }
        >
          {Array.from({ length: most }, (_, i) => i + 1).map((count) => (
            <option key={count} value={count}>
              {count}
            </option>
          ))}
        </select>
      </label>
      <p class="hint">
        {globalThis.crossOriginIsolated
          ? 'With as many as there are cores the page may stutter.'
          : 'More than one needs a cross-origin isolated page: threads share memory.'}
      </p>
    </>
  );
}

/** What is kept of models in this browser. */
function Kept() {
  const model = engine.value;
  useEffect(() => {
    if (model) measureKept().catch(sayError);
  }, [model]);
  const { bytes: size, urls } = kept.value;
  const missing = missingModels();
  const toCome = missing.reduce((sum, each) => sum + each.bytes, 0);
  return (
    <>
      <p class="hint kept">
        {size > 0
          ? `Kept in this browser: ${bytes(size)} of models (${urls.length} files)`
          : 'No models are kept in this browser'}
        <button type="button" class="quiet" disabled={size === 0} onClick={() => clearKept().catch(sayError)}>
          Clear
        </button>
      </p>
      {globalThis.caches && missing.length > 0 && (
        <p class="hint kept">
          <span role="status">
            {keeping.value
              ? `Keeping ${keeping.value} …`
              : `Not here without the network: ${missing.map(({ title }) => title).join('; ')}. Runtimes of others are kept when they were used once.`}
          </span>
          <button type="button" disabled={Boolean(keeping.value)} onClick={keepModels}>
            Keep ({bytes(toCome)})
          </button>
        </p>
      )}
    </>
  );
}
