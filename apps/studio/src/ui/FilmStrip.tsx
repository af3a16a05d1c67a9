import { stopLive } from '../engine/live.ts';
import { again, removePicture } from '../engine/queue.ts';
import { live } from '../state/live.ts';
import { type Picture, pictures, selectedId } from '../state/pictures.ts';
import { ownView } from '../state/stage.ts';
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
  if (selectedId.value !== id) ownView.value = undefined;
  selectedId.value = id;
  if (state === 'stopped') again([id]);
}

/** All pictures, in a row. */
export function FilmStrip() {
  if (pictures.value.length === 0) return null;
  return (
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
              onClick={() => removePicture(id)}
            >
              <Icon name="close" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
