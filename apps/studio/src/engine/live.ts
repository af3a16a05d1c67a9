import { AtrousError, messageOf } from '@atrous/tensor';
import { transfer } from 'comlink';
import { engine } from '../state/engine.ts';
import { type Live, live, liveId, noRate, type Rate, rate, smoothing } from '../state/live.ts';
import { sayError } from '../state/messages.ts';
import { recordTimes } from '../state/times.ts';
import { divide } from './found.ts';
import { painter } from './painter.ts';

/** Ends what is live. */
let stop: (() => Promise<void>) | undefined;

/** Shows the camera, masked, until `stopLive`. */
export async function startCamera(): Promise<void> {
  await stopLive();
  try {
    if (!navigator.mediaDevices) {
      throw new AtrousError('unavailable', 'camera: a page has one only on https or localhost');
    }
    const stream = await navigator.mediaDevices
      .getUserMedia({ video: { width: { ideal: 640 }, height: { ideal: 480 } }, audio: false })
      .catch((cause: unknown) => {
        throw new AtrousError('unavailable', `camera: ${cameraTrouble(cause)}`, { cause });
      });
    const video = Object.assign(document.createElement('video'), { muted: true, playsInline: true });
    video.srcObject = stream;
    const end = () => {
      for (const track of stream.getTracks()) track.stop();
    };
    stream.getVideoTracks()[0]?.addEventListener('ended', () => stopLive());
    await start({ kind: 'camera', name: 'Camera', video }, end);
  } catch (error) {
    sayError(error);
  }
}

const cameraTroubles: Readonly<Record<string, string>> = {
  NotAllowedError: 'it was not allowed: allow it in the address bar and try again',
  NotFoundError: 'there is none',
  NotReadableError: 'another program has it',
};
const cameraTrouble = (cause: unknown): string =>
  (cause instanceof DOMException && cameraTroubles[cause.name]) || messageOf(cause);

/** Plays a video file, masked. @throws AtrousError `input` for what is no video */
export async function startVideo(file: File): Promise<void> {
  await stopLive();
  if (file.size === 0) throw new AtrousError('input', `${file.name}: the file is empty (0 bytes)`);
  const url = URL.createObjectURL(file);
  const video = Object.assign(document.createElement('video'), {
    muted: true,
    playsInline: true,
    loop: true,
  });
  try {
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    video.onloadeddata = () => resolve();
    video.onerror = () => reject(new AtrousError('input', `${file.name}: this browser cannot play it`));
    video.src = url;
    await ready;
    await start({ kind: 'video', name: file.name, video }, () => URL.revokeObjectURL(url));
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

/** Ends camera or video; all frames are closed when it resolves. */
export async function stopLive(): Promise<void> {
  const end = stop;
  stop = undefined;
  await end?.();
}

async function start(what: Live, release: () => void): Promise<void> {
  const { video } = what;
  const loop = frameLoop(what);
  stop = async () => {
    video.pause();
    await loop.end();
    release();
    video.removeAttribute('src');
    video.srcObject = null;
    live.value = undefined;
  };
  live.value = what;
  rate.value = noRate;
  try {
    await video.play();
    loop.begin();
  } catch (error) {
    await stopLive();
    throw error;
  }
}

const callsBack = 'requestVideoFrameCallback' in HTMLVideoElement.prototype;

/** Calls when the video has another frame. */
function onNextFrame(video: HTMLVideoElement, use: () => void): void {
  if (callsBack) video.requestVideoFrameCallback(use);
  else requestAnimationFrame(use);
}

type VideoPicture = VideoFrame | ImageBitmap;

/** The picture that a video shows now. */
const capture = async (video: HTMLVideoElement): Promise<VideoPicture> =>
  'VideoFrame' in globalThis ? new VideoFrame(video) : createImageBitmap(video);

const copyOf = async (picture: VideoPicture): Promise<VideoPicture> =>
  'clone' in picture ? picture.clone() : createImageBitmap(picture);

/** The newest frame through the network, and no other until it is done: nothing queues. */
function frameLoop({ video }: Live) {
  const abort = new AbortController();
  const finished: number[] = [];
  let isBusy = false;
  /** Whether the video has shown another frame since. */
  let hasNewer = false;
  let work: Promise<void> = Promise.resolve();

  const count = (change: Partial<Rate>) => {
    rate.value = { ...rate.value, ...change };
  };
  const opened = (pictures: number) => count({ opened: rate.value.opened + pictures });
  const closed = (pictures: number) => count({ closed: rate.value.closed + pictures });

  async function frame(): Promise<void> {
    const segmenter = engine.value?.segmenter;
    if (!segmenter || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const began = performance.now();
    const picture = await capture(video);
    const forPainter = await copyOf(picture);
    opened(2);
    let isPainters = false;
    try {
      const segmentation = await segmenter
        .segment(picture, { transfer: true, logits: true, smoothing: smoothing.value, signal: abort.signal })
        .finally(() => closed(1)); // whatever becomes of it, the worker closes it
      if (abort.signal.aborted || !live.value) return;
      const { found, memory, result } = divide(segmentation, segmenter);
      const { width, height } = found;
      const given = painter.setFrame(liveId, transfer(forPainter, [forPainter, ...memory]), found);
      isPainters = true;
      closed(await given);
      recordTimes(result.timings);
      if (live.value) live.value = { ...live.value, size: { width, height }, result };
      finished.push(performance.now());
      while (finished[0] < finished.at(-1)! - 1500) finished.shift();
      const span = finished.at(-1)! - finished[0];
      const perSecond = span > 0 ? ((finished.length - 1) * 1000) / span : 0;
      const latency = rate.value.latency || performance.now() - began;
      count({ perSecond, latency: latency + (performance.now() - began - latency) * 0.2 });
    } finally {
      if (!isPainters) {
        forPainter.close();
        closed(1);
      }
    }
  }

  /** The newest frame, again and again as long as others have come meanwhile. */
  async function catchUp(): Promise<void> {
    isBusy = true;
    try {
      do {
        hasNewer = false;
        await frame();
      } while (hasNewer && !abort.signal.aborted);
    } catch (error) {
      if (abort.signal.aborted) return;
      sayError(error);
      stopLive();
    } finally {
      isBusy = false;
    }
  }

  function next(): void {
    if (abort.signal.aborted) return;
    onNextFrame(video, next);
    if (!isBusy) {
      work = catchUp();
      return;
    }
    if (hasNewer) count({ skipped: rate.value.skipped + 1 });
    hasNewer = true;
  }

  return {
    begin: next,
    async end() {
      abort.abort();
      await work;
      closed(await painter.remove(liveId));
    },
  };
}
