import { messageOf } from '@atrous/tensor';
import { transfer } from 'comlink';
import { type Engine, engine } from '../state/engine.ts';
import { sayError } from '../state/messages.ts';
import { type Picture, pictures, selectedId, updatePicture } from '../state/pictures.ts';
import { recordTimes } from '../state/times.ts';
import { divide } from './found.ts';
import { painter } from './painter.ts';

let lastId = 0;
/** Ends what runs. */
let stop = new AbortController();
let isPumping = false;

/** Puts pictures into the film strip and segments them, one after the other. */
export function addPictures(files: readonly Pick<Picture, 'name' | 'file' | 'credit'>[]): void {
  const added = files.map(({ name, file, credit }): Picture => {
    return { id: `picture-${++lastId}`, name, file, credit, state: 'waiting' };
  });
  if (added.length === 0) return;
  pictures.value = [...pictures.value, ...added];
  selectedId.value = added[0].id;
  pump();
}

export async function removePicture(id: string): Promise<void> {
  const at = pictures.value.findIndex((picture) => picture.id === id);
  const picture = pictures.value[at];
  if (!picture) return;
  if (picture.state === 'running') stop.abort();
  pictures.value = pictures.value.filter((other) => other !== picture);
  if (selectedId.value === id) selectedId.value = (pictures.value[at] ?? pictures.value[at - 1])?.id;
  picture.thumbnail?.close();
  await painter.remove(id);
}

/** Stops what runs and what waits. */
export function stopAll(): void {
  pictures.value = pictures.value.map((picture) =>
    picture.state === 'waiting' ? { ...picture, state: 'stopped' } : picture,
  );
  stop.abort();
}

/** Segments pictures once more: those that were stopped, or all with another model. */
export function again(ids: readonly string[] = pictures.value.map(({ id }) => id)): void {
  stop.abort();
  pictures.value = pictures.value.map((picture) =>
    ids.includes(picture.id) ? { ...picture, state: 'waiting', error: undefined } : picture,
  );
  pump();
}

/** Forgets what another model found. */
export async function forgetMasks(): Promise<void> {
  const shown = pictures.value.filter(({ result }) => result);
  pictures.value = pictures.value.map((picture) => ({ ...picture, result: undefined }));
  await Promise.all(shown.map(({ id }) => painter.setFound(id, undefined)));
}

/** The selected picture first. */
function nextPicture(): Picture | undefined {
  const waiting = pictures.value.filter(({ state }) => state === 'waiting');
  return waiting.find(({ id }) => id === selectedId.value) ?? waiting[0];
}

/** Works until nothing waits. */
export async function pump(): Promise<void> {
  if (isPumping) return;
  isPumping = true;
  try {
    for (let next = nextPicture(); next && engine.value; next = nextPicture())
      await segment(next, engine.value);
  } finally {
    isPumping = false;
  }
}

const isThere = (id: string) => pictures.value.some((picture) => picture.id === id);

async function segment({ id, file, size }: Picture, { segmenter }: Engine): Promise<void> {
  stop = new AbortController();
  const { signal } = stop;
  updatePicture(id, { state: 'running' });
  try {
    const shown = size ? undefined : show(id, file);
    shown?.catch(() => {}); // it is waited for below
    const segmentation = await segmenter.segment(file, { logits: true, signal });
    await shown;
    const { found, memory, result } = divide(segmentation, segmenter);
    await painter.setFound(id, transfer(found, memory));
    recordTimes(result.timings);
    updatePicture(id, { state: 'done', result });
  } catch (error) {
    const isOurs = pictures.value.find((picture) => picture.id === id)?.state === 'running';
    if (!isOurs) return; // removed, or to be done again
    if (signal.aborted) return updatePicture(id, { state: 'stopped' });
    updatePicture(id, { state: 'failed', error: messageOf(error) });
    sayError(error);
  }
}

/** Shows a picture as soon as it is decoded, before there is a mask. */
async function show(id: string, file: Blob): Promise<void> {
  const { size, thumbnail } = await painter.add(id, file);
  if (isThere(id)) updatePicture(id, { size, thumbnail });
  else await painter.remove(id);
}
