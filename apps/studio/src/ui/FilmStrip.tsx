import { stopLive } from '../engine/live.ts';
import { again, pending, removePicture, stopAll } from '../engine/queue.ts';
import { live } from '../state/live.ts';
import { sayError } from '../state/messages.ts';
import { type Picture, pictures, selectedId } from '../state/pictures.ts';
import { Bitmap } from './Bitmap.tsx';
import { Icon } from './Icon.tsx';

const states: Readonly<Record<Picture['state'], string>> = {
  waiting: 'waiting',
  running: 'being segmented',
  done: 'segmented',
  failed: 'failed',
  stopped: 'stopped',
};

async function select({ id, state }: Picture): Promise<void> {
  await stopLive();
  selectedId.value = id;
  if (state === 'stopped') again([id]);
}

/** Removes a picture; the focus goes to its neighbour. */
function remove(id: string, button: HTMLElement): void {
  const item = button.closest('li');
  const neighbour = item?.nextElementSibling ?? item?.previousElementSibling;
  (neighbour ?? document.querySelector('.inputs'))?.querySelector<HTMLElement>('button')?.focus();
  removePicture(id).catch(sayError);
}

/** All pictures, in a row. */
export function FilmStrip() {
  const count = pictures.value.length;
  if (count === 0) return null;
  return (
    <div class="film">
      <ul class="film-strip" aria-label="Pictures">
        {pictures.value.map((picture) => {
          const { id, name, state, thumbnail } = picture;
          const isShown = id === selectedId.value && !live.value;
          return (
            <li key={id} class={state}>
              <button
                type="button"
                class="thumbnail"
                aria-current={isShown ? 'true' : undefined}
                title={`${name}: ${states[state]}`}
                onClick={() => select(picture)}
              >
                {thumbnail ? <Bitmap bitmap={thumbnail} label={name} /> : <span>{name}</span>}
                <span class="state">{states[state]}</span>
              </button>
              <button
                type="button"
                class="remove"
                aria-label={`Remove ${name}`}
                onClick={(event) => remove(id, event.currentTarget)}
              >
                <Icon name="close" />
              </button>
            </li>
          );
        })}
      </ul>
      {pending.value.length > 0 && count > 1 && (
        <p class="hint">
          {`${count - pending.value.length} of ${count} done`}
          <button type="button" onClick={stopAll}>
            Stop all
          </button>
        </p>
      )}
    </div>
  );
}
