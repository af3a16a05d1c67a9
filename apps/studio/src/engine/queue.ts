import { messageOf } from '@atrous/tensor';
import { computed } from '@preact/signals';
import { transfer } from 'comlink';
import { type Engine, engine } from '../state/engine.ts';
import { live, liveId } from '../state/live.ts';
import { say, sayError } from '../state/messages.ts';
import { type Picture, pictures, selectedId, updatePicture } from '../state/pictures.ts';
import { recordTimes } from '../state/times.ts';
import { severalViews, views } from '../state/views.ts';
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
  open(added);
  pump();
}

/** Takes a picture out of the film strip; for a while, a message puts it back. */
export async function removePicture(id: string): Promise<void> {
  const at = pictures.value.findIndex((picture) => picture.id === id);
  const picture = pictures.value[at];
  if (!picture) return;
  if (picture.state === 'running') stop.abort();
  pictures.value = pictures.value.filter((other) => other !== picture);
  if (selectedId.value === id) selectedId.value = (pictures.value[at] ?? pictures.value[at - 1])?.id;
  picture.thumbnail?.close();
  say(`${picture.name} removed`, 'note', { title: 'Undo', run: () => putBack(picture, at) });
  await painter.remove(id);
}

/** Decodes and segments a removed picture once more, where it was. */
function putBack({ name, file, credit }: Picture, at: number): void {
  const picture: Picture = { id: `picture-${++lastId}`, name, file, credit, state: 'waiting' };
  pictures.value = pictures.value.toSpliced(at, 0, picture);
  selectedId.value = picture.id;
  open([picture]);
  pump();
}

/** Pictures that run or wait. */
export const pending = computed(() =>
  pictures.value.filter(({ state }) => state === 'running' || state === 'waiting'),
);

/** Stops what runs and what waits. */
export function stopAll(): void {
  pictures.value = pictures.value.map((picture) =>
    picture.state === 'waiting' ? { ...picture, state: 'stopped' } : picture,
  );
  stop.abort();
}

/** What another model can segment. */
export const decodable = (): readonly Picture[] =>
  pictures.value.filter(({ state, size }) => state !== 'failed' || size);

/** Segments pictures once more: one that was stopped, or with another model. Their masks stay until there are new ones. */
export function again(ids: readonly string[]): void {
  if (ids.some(isRunning)) stop.abort();
  pictures.value = pictures.value.map((picture) =>
    ids.includes(picture.id) ? { ...picture, state: 'waiting', error: undefined } : picture,
  );
  pump();
}

/** Sees all pictures by several views from now on, or by one. */
export function seeBySeveralViews(several: boolean): void {
  severalViews.value = several;
  again(decodable().map(({ id }) => id));
}

/** Forgets what another model found. */
export async function forgetMasks(): Promise<void> {
  const ids = pictures.value.filter(({ result }) => result).map(({ id }) => id);
  pictures.value = pictures.value.map((picture) => ({ ...picture, result: undefined }));
  if (live.value?.result) {
    ids.push(liveId);
    live.value = { ...live.value, result: undefined };
  }
  await Promise.all(ids.map((id) => painter.setFound(id, undefined).catch(() => {}))); // gone meanwhile
}

/** The selected picture first. */
function nextPicture(): Picture | undefined {
  const waiting = pictures.value.filter(({ state }) => state === 'waiting');
  return waiting.find(({ id }) => id === selectedId.value) ?? waiting[0];
}

/** Works until nothing waits. */
async function pump(): Promise<void> {
  if (isPumping) return;
  isPumping = true;
  try {
    for (let next = nextPicture(); next && engine.value; next = nextPicture())
      await segment(next, engine.value);
  } finally {
    isPumping = false;
  }
}

async function segment({ id, file }: Picture, by: Engine): Promise<void> {
  stop = new AbortController();
  const { signal } = stop;
  updatePicture(id, { state: 'running' });
  try {
    const segmentation = await by.segmenter.segment(file, { ...views.value, logits: true, signal });
    await opening.get(id);
    signal.throwIfAborted();
    const { found, memory, result } = divide(segmentation, by);
    await painter.setFound(id, transfer(found, memory));
    signal.throwIfAborted();
    recordTimes(id, result.timings);
    updatePicture(id, { state: 'done', result });
  } catch (error) {
    if (!isRunning(id)) return; // removed, to be done again, or no picture at all
    if (signal.aborted) updatePicture(id, { state: 'stopped' });
    else fail(id, error);
  }
}

const find = (id: string) => pictures.value.find((picture) => picture.id === id);
const isRunning = (id: string) => find(id)?.state === 'running';

function fail(id: string, error: unknown): void {
  updatePicture(id, { state: 'failed', error: messageOf(error) });
  if (id !== selectedId.value || live.value) sayError(error); // else the stage says it
}

/** Pictures that are still to be decoded, by id. */
const opening = new Map<string, Promise<void>>();
let lastOpened: Promise<void> = Promise.resolve();

/** Shows pictures before there are masks, decoding one after the other. */
function open(added: readonly Picture[]): void {
  for (const { id, file } of added) {
    lastOpened = lastOpened.then(() => show(id, file)).finally(() => opening.delete(id));
    opening.set(id, lastOpened);
  }
}

async function show(id: string, file: Blob): Promise<void> {
  try {
    if (!find(id)) return;
    const { size, thumbnail } = await painter.add(id, file);
    if (find(id)) return updatePicture(id, { size, thumbnail });
    thumbnail.close();
    await painter.remove(id);
  } catch (error) {
    if (find(id) && find(id)?.state !== 'failed') fail(id, error);
  }
}
