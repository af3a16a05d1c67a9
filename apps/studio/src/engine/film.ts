import { AtrousError } from '@atrous/tensor';
import type { Output } from 'mediabunny';
import { look } from '../state/look.ts';
import type { Size } from '../worker/scene.ts';
import { painter } from './painter.ts';

/** Containers and codecs, which come when a video is written. */
export const bringMedia = (): Promise<typeof import('./media.ts')> => import('./media.ts');

/** Why this browser writes no videos; undefined where it does. */
export const whyNoFilm: string | undefined =
  'VideoEncoder' in globalThis &&
  globalThis.FileSystemFileHandle &&
  'createWritable' in FileSystemFileHandle.prototype
    ? undefined
    : 'This browser writes no videos: Chromium and what is built on it do (WebCodecs)';

/** The painter draws a film's frames at their own size; colours have half of it, so sides are even. */
export const filmSize = ({ width, height }: Size): Size => ({
  width: Math.max(2, width - (width % 2)),
  height: Math.max(2, height - (height % 2)),
});

/** A video that grows by what the painter draws. */
export interface Film {
  /** Whatever else is added to it, before it starts. */
  readonly output: Output;
  start(): Promise<void>;
  /**
   * Draws a scene of the painter's as it is shown now, and adds it.
   * @param time in seconds from the film's beginning
   */
  add(scene: string, time: number, length: number): Promise<void>;
  /** The whole file. */
  finish(name: string): Promise<File>;
  /** Ends it, and removes what is there of it. */
  drop(): Promise<void>;
}

/** Of files that were written earlier: whoever downloaded them has them. */
const prefix = 'atrous-film-';

/**
 * An MP4 in a file of the origin's own, so that a long video is never in memory: H.264 where the browser encodes it, else VP9 or AV1.
 * @throws AtrousError `unavailable`
 */
export async function openFilm(size: Size, { isMirrored = false } = {}): Promise<Film> {
  const { Mp4OutputFormat, Output, StreamTarget, VideoSample, VideoSampleSource, ...media } =
    await bringMedia();
  const codec = await media.getFirstEncodableVideoCodec(['avc', 'vp9', 'av1'], size);
  if (!codec) {
    throw new AtrousError(
      'unavailable',
      `video: this browser encodes no ${size.width}×${size.height} video as H.264, VP9 or AV1`,
    );
  }
  const folder = await navigator.storage.getDirectory();
  for await (const name of folder.keys()) if (name.startsWith(prefix)) await folder.removeEntry(name);
  const name = `${prefix}${Date.now()}.mp4`;
  const handle = await folder.getFileHandle(name, { create: true });
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: false }), // its index comes last: nothing is held back
    target: new StreamTarget(await handle.createWritable(), { chunked: true }),
  });
  const frames = new VideoSampleSource({
    codec,
    quality: media.QUALITY_VERY_HIGH, // flat colours with sharp borders are what shows a codec's work
    sizeChangeBehavior: 'contain',
    transform: { flip: isMirrored, alpha: 'discard' },
  });
  output.addVideoTrack(frames);
  const view = { left: 0, top: 0, ...size, columns: size.width, rows: size.height };
  return {
    output,
    start: () => output.start(),
    async add(scene, timestamp, duration) {
      const { bitmap } = await painter.paint(scene, look.value, view);
      const sample = new VideoSample(bitmap, { timestamp, duration });
      try {
        await frames.add(sample);
      } finally {
        sample.close();
        bitmap.close();
      }
    },
    async finish(title) {
      await output.finalize();
      return new File([await handle.getFile()], title, { type: 'video/mp4' });
    },
    async drop() {
      await output.cancel();
      await folder.removeEntry(name).catch(() => {}); // still open: the next film removes it
    },
  };
}
