import { chooseEngine } from '../engine/choose.ts';
import { engine, type Loading, larger, loading, type ModelChoice } from '../state/engine.ts';
import { live, shown } from '../state/live.ts';
import { selected } from '../state/pictures.ts';
import { bytes } from './format.ts';

/** Which model made the mask that is seen, and what becomes of the large one that it may stand for. */
export function MaskModel() {
  const by = shown.value?.result?.model;
  const { model, why } = larger.value ?? {};
  if (!by && !model) return null;
  return (
    <div class="mask-model">
      <p>
        <span role="status">
          {by && 'Mask by '}
          {by && <b>{by.title}</b>}
          {by && `${sizeOf(by)}. `}
          {why ?? comingOf(by)}
        </span>
        {amountOf()}
      </p>
      {model && why && (
        <button type="button" onClick={() => chooseEngine(model)}>
          Load {model.title}
          {sizeOf(model)}
        </button>
      )}
    </div>
  );
}

const sizeOf = (model: ModelChoice) => (model.bytes ? ` (${bytes(model.bytes)})` : '');

const phases: Readonly<Partial<Record<Loading['phase'], string>>> = {
  wait: 'comes after the first mask',
  verify: 'is being checked',
  compile: 'is being compiled',
  start: 'is starting',
};

/** What will make the next mask of what is seen. */
function comingOf(by: ModelChoice | undefined): string {
  const coming = larger.value?.model;
  const phase = loading.value?.phase ?? 'start';
  if (coming) return `${coming.title}${sizeOf(coming)} ${phases[phase] ?? 'is loading'}`;
  const next = engine.value?.model;
  const isAnew = selected.value?.state === 'waiting' || selected.value?.state === 'running';
  return by && next && by !== next && isAnew && !live.value ? `${next.title} makes it anew …` : '';
}

/** Beside the sentence, since it changes too often to be read out. */
function amountOf(): string {
  const { part, phase, loaded, total } = loading.value ?? {};
  const isComing = part && part === larger.value?.model && phase === 'download';
  return isComing && total ? `, ${Math.floor((100 * loaded!) / total)} %` : '';
}
