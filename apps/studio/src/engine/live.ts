import { AtrousError, messageOf } from '@atrous/tensor';
import { filming } from '../state/film.ts';
import { type Live, live, liveId, noRate, rate } from '../state/live.ts';
import { say, sayError } from '../state/messages.ts';
import { countFrames, followFrames } from './frames.ts';
import { painter } from './painter.ts';
import { stopRecording } from './record.ts';
import { stopSaving } from './save_video.ts';

/** What plays, and what it holds of the machine. */
interface Source extends Pick<Live, 'kind' | 'name' | 'video' | 'file'> {
  release(): void;
}

/** Aborted when what is live, or about to be, has to go. */
let wanted = new AbortController();
/** Settles when all that was live is over and its frames are closed. */
let ended: Promise<void> = Promise.resolve();

/** Ends camera or video; all frames are closed when it resolves. */
export async function stopLive(): Promise<void> {
  wanted.abort();
  await ended;
}

/** Shows what a source plays, in place of what was live; gives up where something else is wanted meanwhile. */
async function goLive(open: (own: AbortController) => Promise<Source>): Promise<void> {
  wanted.abort();
  const own = new AbortController();
  wanted = own;
  await ended;
  if (own.signal.aborted) return;
  const source = await open(own);
  if (own.signal.aborted) source.release();
  else ended = play(source, own);
}

async function play({ kind, name, video, file, release }: Source, own: AbortController): Promise<void> {
  const { signal } = own;
  signal.addEventListener('abort', () => video.pause()); // a play() that has not begun ends by that, too
  video.onerror = () => {
    if (signal.aborted) return;
    sayError(new AtrousError('input', `${name}: this browser cannot play it further`));
    own.abort();
  };
  live.value = { kind, name, video, file };
  rate.value = noRate;
  try {
    await video.play();
    await followFrames(video, signal);
  } catch (error) {
    if (!signal.aborted) sayError(error);
  }
  own.abort();
  if (filming.value?.kind === 'file') {
    stopSaving();
    say(`${name}: not saved, since it was closed before its end was written`, 'error');
  }
  await stopRecording();
  live.value = undefined; // before its picture goes: nobody asks for that any more
  countFrames({ closed: await painter.remove(liveId) });
  video.srcObject = null;
  video.removeAttribute('src');
  release();
}

/** Shows the camera, masked, until `stopLive`. */
export async function startCamera(): Promise<void> {
  try {
    await goLive(openCamera);
  } catch (error) {
    sayError(error);
  }
}

/** Enough for networks of 384 to 513 pixels, and the rate counts. */
const cameraSize = { width: { ideal: 640 }, height: { ideal: 480 } };

async function openCamera(own: AbortController): Promise<Source> {
  if (!navigator.mediaDevices) {
    throw new AtrousError('unavailable', 'camera: a page has one only on https or localhost');
  }
  const stream = await navigator.mediaDevices
    .getUserMedia({ video: cameraSize, audio: false })
    .catch((cause: unknown) => {
      throw new AtrousError('unavailable', `camera: ${cameraTrouble(cause)}`, { cause });
    });
  for (const track of stream.getTracks()) track.addEventListener('ended', () => own.abort());
  const video = newVideo();
  video.srcObject = stream;
  const release = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  return { kind: 'camera', name: 'Camera', video, release };
}

const cameraTroubles: Readonly<Record<string, string>> = {
  NotAllowedError: 'it was not allowed: allow it in the address bar and try again',
  NotFoundError: 'there is none',
  NotReadableError: 'another program has it',
};
const cameraTrouble = (cause: unknown): string =>
  (cause instanceof DOMException && cameraTroubles[cause.name]) || messageOf(cause);

const newVideo = () => Object.assign(document.createElement('video'), { muted: true, playsInline: true });

/** Plays a video file, masked. @throws AtrousError `input` for what is no video */
export async function startVideo(file: File): Promise<void> {
  if (file.size === 0) throw new AtrousError('input', `${file.name}: the file is empty (0 bytes)`);
  await goLive(() => openVideo(file));
}

async function openVideo(file: File): Promise<Source> {
  const url = URL.createObjectURL(file);
  const release = () => URL.revokeObjectURL(url);
  const video = newVideo();
  video.loop = true;
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  video.onloadeddata = () => resolve();
  video.onerror = () => reject(new AtrousError('input', `${file.name}: this browser cannot play it`));
  video.src = url;
  try {
    await ready;
  } catch (error) {
    release();
    throw error;
  }
  return { kind: 'video', name: file.name, video, file, release };
}
