import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { partialFile, writePieces } from '@atrous/checkpoint/node';
import { backgroundIds, cutOut, type NamedClass, paletteOf, rowOverlay } from '@atrous/mask';
import { type Segmentation, toRgba, unknownId } from '@atrous/segmenter';
import { labelPng } from '@atrous/segmenter/files';
import { AtrousError } from '@atrous/tensor';
import { someOf } from '../options.ts';
import { colourSpace, type DecodedFrame } from './decode.ts';
import { type Encoding, encodeVideo } from './encode.ts';
import type { RawFormat } from './matroska.ts';
import type { VideoFacts } from './probe.ts';
import type { Encoders } from './tools.ts';

/** How results are drawn. */
export interface DrawOptions {
  readonly classes: readonly NamedClass[];
  readonly opacity: number;
  readonly outline: boolean;
  readonly maskFormat: 'palette' | 'grey';
  /** Whether pixels may be unknown. */
  readonly minConfidence?: number;
  /** Classes of a cut-out. */
  readonly kept: readonly number[];
}

/** One result of a video, while it comes. */
export interface Output {
  take(frame: DecodedFrame, found: Segmentation): Promise<void>;
  finish(): Promise<void>;
  keep(): Promise<void>;
  drop(): Promise<void>;
}

/** A result that a video may have. */
interface Kind {
  readonly detail: string;
  /** What stands after the video's name. @throws AtrousError `unavailable` for an encoder that is not there */
  ending(video: VideoFacts, encoders: Encoders): string;
  open(
    path: string,
    video: VideoFacts,
    options: DrawOptions,
    encoders: Encoders,
    signal: AbortSignal,
  ): Promise<Output>;
}

/** A kind that is a video itself. */
interface Film {
  readonly detail: string;
  encoding(video: VideoFacts, encoders: Encoders): Encoding & { readonly ending: string };
  format(options: DrawOptions): RawFormat;
  draw(options: DrawOptions): (frame: DecodedFrame, found: Segmentation) => Uint8Array;
}

const film = ({ detail, encoding, format, draw }: Film): Kind => ({
  detail,
  ending: (video, encoders) => encoding(video, encoders).ending,
  async open(path, video, options, encoders, signal) {
    const file = await encodeVideo(path, format(options), encoding(video, encoders), video, signal);
    const drawn = draw(options);
    return { ...file, take: (frame, found) => file.write(drawn(frame, found), frame) };
  },
});

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** What may be written of a video. */
export type VideoKind = 'overlay' | 'cutout' | 'cutout-mkv' | 'mask' | 'png';

export const videoKinds: Readonly<Record<VideoKind, Kind>> = {
  overlay: film({
    detail: 'the class colours over the video, with its sound',
    encoding: playable,
    format: () => 'rgb',
    draw({ classes, opacity, outline, minConfidence }) {
      return ({ width, height, data }, { labels }) => {
        const unknown = minConfidence ? [unknownId(labels)] : [];
        const hidden = [...backgroundIds(classes), ...unknown];
        const out = new Uint8Array(width * height * 3);
        rowOverlay(paletteOf(classes), { opacity, outline, hidden })(data, 3, labels, 0, out);
        return out;
      };
    },
  }),
  cutout: film({
    detail: 'the classes of --cutout, the rest transparent: VP9 in WebM, for pages',
    encoding(video, encoders) {
      const { filter, tags } = lumaAndChroma(video);
      return {
        ending: '.cutout.webm',
        container: ['-f', 'webm'],
        filters: [filter],
        codec: [...vp9(encoders), '-pix_fmt', 'yuva420p', '-auto-alt-ref', '0', ...tags],
        sound: fits(video.audio, webmSound) ? copied : ['-c:a', 'libopus', '-b:a', '128k'],
      };
    },
    format: () => 'rgba',
    draw: drawCutOut,
  }),
  'cutout-mkv': film({
    detail: 'the same without loss: FFV1 in Matroska, for editors',
    encoding: () => ({
      ending: '.cutout.mkv',
      container: ['-f', 'matroska'],
      filters: [],
      codec: ['-c:v', 'ffv1', '-level', '3', '-pix_fmt', 'bgra'],
      sound: copied,
    }),
    format: () => 'rgba',
    draw: drawCutOut,
  }),
  mask: film({
    detail: 'class ids as grey values without loss: FFV1 in Matroska',
    encoding: () => ({
      ending: '.mask.mkv',
      container: ['-f', 'matroska'],
      filters: [],
      codec: ['-c:v', 'ffv1', '-level', '3'],
    }),
    format: ({ classes }) => (classes.length > 256 ? 'grey16' : 'grey'),
    draw:
      () =>
      (_, { labels }) =>
        bytesOf(labels.data),
  }),
  png: {
    detail: 'a PNG of class ids for each frame, in a folder',
    ending: () => '.masks',
    open: openPngs,
  },
};

/** `overlay,mask`, each once. */
export const parseKinds: (text: string) => VideoKind[] = someOf(Object.keys(videoKinds) as VideoKind[]);

/** Whether a kind wants soft edges worked out. */
export const isCutOut = (kind: VideoKind): boolean => kind.startsWith('cutout');

function drawCutOut({ kept }: DrawOptions) {
  return (frame: DecodedFrame, { labels, cutOut: soft }: Segmentation): Uint8Array =>
    bytesOf((soft ?? cutOut(toRgba(frame), labels, kept)).data);
}

const copied = ['-c:a', 'copy'];
const webmSound = ['opus', 'vorbis'];
const mp4Sound = ['aac', 'mp3', 'ac3', 'eac3', 'alac', 'opus'];
const fits = (audio: readonly string[], known: readonly string[]): boolean =>
  audio.every((codec) => known.includes(codec));

function vp9(encoders: Encoders): string[] {
  if (encoders.has('libvpx-vp9'))
    return ['-c:v', 'libvpx-vp9', '-crf', '30', '-b:v', '0', '-row-mt', '1', '-cpu-used', '4'];
  throw new AtrousError(
    'unavailable',
    'video: this ffmpeg has no encoder libvpx-vp9: install a build that has it, or choose another --video',
  );
}

/** H.264 where there is an encoder, else VP9; in the container that plays in most places and takes the sound as it is. */
function playable(video: VideoFacts, encoders: Encoders) {
  const { audio, timeBase } = video;
  const isH264 = encoders.has('libx264');
  const codec = isH264 ? ['-c:v', 'libx264', '-crf', '20'] : vp9(encoders);
  const canBeExact = timeBase.numerator === 1;
  const containers = {
    webm: { holds: !isH264 && fits(audio, webmSound), name: 'webm', more: [] },
    mp4: {
      holds: fits(audio, mp4Sound),
      name: 'mp4',
      more: [
        '-movflags',
        '+faststart',
        ...(canBeExact ? ['-video_track_timescale', String(timeBase.denominator)] : []),
      ],
    },
    mkv: { holds: true, name: 'matroska', more: [] },
  };
  const ending = (['webm', 'mp4', 'mkv'] as const).find((each) => containers[each].holds)!;
  const { name, more } = containers[ending];
  const { filter, tags } = lumaAndChroma(video);
  return {
    ending: `.overlay.${ending}`,
    container: ['-f', name, ...more],
    isExact: name === 'mp4' && canBeExact,
    filters: [
      'crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0', // colours have half the size
      filter,
    ],
    codec: [...codec, '-pix_fmt', 'yuv420p', ...tags],
    sound: copied,
  };
}

/** How colours become luma and chroma, and what tells players so: without it they guess by the height. */
function lumaAndChroma({ colours, height }: VideoFacts) {
  const { space, matrix } = colourSpace(colours, height);
  const { primaries, transfer } = colours;
  return {
    filter: `scale=out_color_matrix=${matrix}:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int`,
    tags: [
      ...['-colorspace', space, '-color_range', 'tv'],
      ...(primaries ? ['-color_primaries', primaries] : []),
      ...(transfer ? ['-color_trc', transfer] : []),
    ],
  };
}

const pngName = /^\d{6,}\.mask\.png$/;

/** Label maps as files of a folder, which gets its name when all are there. */
async function openPngs(path: string, _: VideoFacts, options: DrawOptions): Promise<Output> {
  const before = await readdir(path).catch(() => undefined);
  const foreign = before?.find((name) => !pngName.test(name));
  if (foreign !== undefined) {
    throw new AtrousError(
      'input',
      `${path}: there is ${foreign} in it: remove the folder, or write elsewhere`,
    );
  }
  const partial = await partialFile(path, 'folder');
  const palette = options.maskFormat === 'palette' ? paletteOf(options.classes) : undefined;
  let count = 0;
  return {
    take(_, { labels }) {
      const name = `${String(++count).padStart(6, '0')}.mask.png`;
      return writePieces(join(partial.path, name), { pieces: labelPng(labels, palette) });
    },
    finish: async () => {},
    keep: () => partial.keep(),
    drop: () => partial.drop(),
  };
}
