import { AtrousError } from '@atrous/tensor';
import { transfer } from 'comlink';
import type { InputVideoTrack, VideoSample } from 'mediabunny';
import type { Engine } from '../state/engine.ts';
import { filming } from '../state/film.ts';
import { live, liveEngine, smoothing } from '../state/live.ts';
import { say, sayError } from '../state/messages.ts';
import { bringMedia, type Film, filmSize, openFilm } from './film.ts';
import { divide } from './found.ts';
import { painter } from './painter.ts';
import { download } from './save.ts';

/** The painter's name for a frame of the file that is being written. */
const filmId = 'film';

let wanted = new AbortController();

/** Gives up the video that is being written. */
export const stopSaving = (): void => wanted.abort();

/** Writes the video that is open, masked as it is shown: every frame, with its sound. What plays is paused for it. */
export async function saveVideo(): Promise<void> {
  const { file, video } = live.value ?? {};
  const by = liveEngine.value;
  if (!file || !by || filming.value) return;
  video?.pause();
  wanted = new AbortController();
  const { signal } = wanted;
  filming.value = { kind: 'file', seconds: 0 };
  try {
    const stem = file.name.replace(/\.[^.]+$/, '');
    download(await filmOf(file, `${stem}.masked.mp4`, by, signal));
  } catch (error) {
    if (!signal.aborted) sayError(error);
  } finally {
    filming.value = undefined;
    await painter.remove(filmId);
  }
}

async function filmOf(file: File, name: string, by: Engine, signal: AbortSignal): Promise<File> {
  const { BlobSource, Conversion, Input, MATROSKA, MP4, QTFF, WEBM } = await bringMedia();
  const input = new Input({ source: new BlobSource(file), formats: [MP4, QTFF, WEBM, MATROSKA] });
  let film: Film | undefined;
  try {
    const track = await videoOf(input.getPrimaryVideoTrack(), file.name);
    const [width, height] = [await track.getDisplayWidth(), await track.getDisplayHeight()];
    film = await openFilm(filmSize({ width, height }));
    const begin = Math.max(0, await input.getFirstTimestamp());
    const length = (await track.computeDuration()) - begin;
    const sound = await Conversion.init({
      input,
      output: film.output,
      composable: true,
      trim: { start: begin },
      video: { discard: true },
      showWarnings: false,
    });
    const lost = sound.discardedTracks.filter(({ track }) => track.isAudioTrack());
    if (lost.length > 0) say(`${file.name}: its sound cannot go into an MP4 here, and is left out`, 'error');
    signal.addEventListener('abort', () => sound.cancel());
    signal.throwIfAborted();
    await film.start();
    await Promise.all([sound.execute(), addPictures(film, track, by, { begin, length }, signal)]);
    return await film.finish(name);
  } catch (error) {
    await film?.drop();
    throw error;
  } finally {
    input.dispose();
  }
}

/** @throws AtrousError `input`, `unavailable` */
async function videoOf(found: Promise<InputVideoTrack | null>, name: string): Promise<InputVideoTrack> {
  const track = await found.catch((cause) => {
    throw new AtrousError(
      'input',
      `${name}: its container is not read here: expected MP4, MOV, WebM or MKV`,
      {
        cause,
      },
    );
  });
  if (!track) throw new AtrousError('input', `${name}: there is no video in it`);
  if (await track.canDecode()) return track;
  throw new AtrousError('unavailable', `${name}: this browser does not decode its ${await track.getCodec()}`);
}

interface Span {
  /** In the file's own time. */
  readonly begin: number;
  readonly length: number;
}

async function addPictures(
  film: Film,
  track: InputVideoTrack,
  by: Engine,
  { begin, length }: Span,
  signal: AbortSignal,
): Promise<void> {
  const options = { logits: true, smoothing: smoothing.value, signal };
  for await (const { frame, skipped, ...segmentation } of by.segmenter.stream(framesOf(track), options)) {
    const [time, lasts] = [frame.timestamp / 1e6 - begin, (frame.duration ?? 0) / 1e6];
    if (time + lasts <= 0) continue; // before the beginning
    const { found, memory } = divide(segmentation, by);
    await painter.setFrame(filmId, transfer(frame, [frame, ...memory]), found);
    await film.add(filmId, Math.max(0, time), lasts);
    filming.value = { kind: 'file', seconds: time + lasts, length };
  }
}

/** Every frame in order, turned as the file says. */
async function* framesOf(track: InputVideoTrack): AsyncGenerator<VideoFrame> {
  const { VideoSampleSink } = await bringMedia();
  for await (const sample of new VideoSampleSink(track).samples()) {
    try {
      yield upright(sample);
    } finally {
      sample.close();
    }
  }
}

function upright(sample: VideoSample): VideoFrame {
  if (sample.rotation === 0 && !sample.flip) return sample.toVideoFrame();
  const canvas = new OffscreenCanvas(sample.displayWidth, sample.displayHeight);
  sample.draw(canvas.getContext('2d')!, 0, 0);
  const { microsecondTimestamp: timestamp, microsecondDuration: duration } = sample;
  return new VideoFrame(canvas, { timestamp, duration });
}
