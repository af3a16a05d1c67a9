import { filming } from '../state/film.ts';
import { isMirrored, live, liveId } from '../state/live.ts';
import { sayError } from '../state/messages.ts';
import { type Film, filmSize, openFilm } from './film.ts';
import { download } from './save.ts';

interface Recording {
  readonly film: Film;
  readonly name: string;
  /** When its first frame was added. */
  began?: number;
}

/** What is being recorded. */
let current: Recording | undefined;

/** Records what is shown of the camera, masks and all, until `stopRecording` or the camera's end. */
export async function startRecording(): Promise<void> {
  const { size, name } = live.value ?? {};
  if (!size || !name || filming.value) return;
  filming.value = { kind: 'camera', seconds: 0 };
  try {
    const film = await openFilm(filmSize(size), { isMirrored: isMirrored.value });
    await film.start();
    current = { film, name };
  } catch (error) {
    filming.value = undefined;
    sayError(error);
  }
}

/** Adds what is shown now to what is being recorded. */
export async function recordShown(): Promise<void> {
  const recording = current;
  if (!recording) return;
  recording.began ??= performance.now();
  const time = (performance.now() - recording.began) / 1000;
  await recording.film.add(liveId, time, 0);
  if (current === recording) filming.value = { kind: 'camera', seconds: time };
}

/** Ends the recording and saves it; one without a frame is nothing. */
export async function stopRecording(): Promise<void> {
  const recording = current;
  if (!recording) return;
  current = undefined;
  try {
    if (recording.began === undefined) await recording.film.drop();
    else download(await recording.film.finish(`${recording.name}.masked.mp4`));
  } catch (error) {
    sayError(error);
  } finally {
    filming.value = undefined;
  }
}
