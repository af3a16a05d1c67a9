import { AtrousError } from '@atrous/tensor';
import { fileUrl, inShort, outputOf } from './tools.ts';

/** A fraction, of seconds or of sides. */
export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

/** What is known of a video before it is decoded. */
export interface VideoFacts {
  readonly path: string;
  /** In pixels as it is shown: turned as its file says. */
  readonly width: number;
  readonly height: number;
  /** A pixel's width over its height. */
  readonly pixelAspect: Ratio;
  /** What times are multiples of, in seconds. */
  readonly timeBase: Ratio;
  /** About how many frames there are, where the file says it. */
  readonly frames?: number;
  /** When the file begins, in seconds of its own clock: recordings of broadcasts begin at any time. */
  readonly start: number;
  /** When the last frame ends, by that clock, where the file says it. */
  readonly end?: number;
  readonly colours: Colours;
  /** The codecs of its sound. */
  readonly audio: readonly string[];
}

/** How colours are coded, in ffmpeg's words; undefined where the file does not say. */
export interface Colours {
  readonly space?: string;
  readonly primaries?: string;
  readonly transfer?: string;
}

interface ProbedStream {
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly time_base?: string;
  readonly avg_frame_rate?: string;
  readonly nb_frames?: string;
  readonly start_time?: string;
  readonly duration?: string;
  readonly color_space?: string;
  readonly color_primaries?: string;
  readonly color_transfer?: string;
  readonly disposition?: { readonly attached_pic?: number };
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}
interface Probed {
  readonly streams?: readonly ProbedStream[];
  readonly format?: { readonly start_time?: string; readonly duration?: string };
}

/** Looks into a video file. @throws AtrousError `not-found`, `input` for what is no video or is damaged */
export async function probeVideo(path: string, signal: AbortSignal): Promise<VideoFacts> {
  const args = ['-v', 'error', '-of', 'json', '-show_streams', '-show_format', '-i', fileUrl(path)];
  const { code, said, text } = await outputOf('ffprobe', args, signal);
  if (code !== 0) {
    const isMissing = /No such file or directory/.test(said);
    if (isMissing) throw new AtrousError('not-found', `${path}: no such file`);
    throw new AtrousError('input', `${path}: no video, or a damaged one: ffprobe says: ${inShort(said)}`);
  }
  const { streams = [], format } = JSON.parse(text) as Probed;
  const video = streams.find(
    ({ codec_type, disposition }) => codec_type === 'video' && !disposition?.attached_pic,
  );
  if (!video?.width || !video.height) {
    throw new AtrousError('input', `${path}: there is no video in it`);
  }
  const turned = video.side_data_list?.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
  const isOnItsSide = Math.abs(Math.round(turned / 90)) % 2 === 1;
  const { width, height } = video;
  const aspect = ratioOf(video.sample_aspect_ratio, ':') ?? { numerator: 1, denominator: 1 };
  return {
    path,
    ...(isOnItsSide ? { width: height, height: width } : { width, height }),
    pixelAspect: isOnItsSide ? { numerator: aspect.denominator, denominator: aspect.numerator } : aspect,
    timeBase: ratioOf(video.time_base, '/') ?? { numerator: 1, denominator: 90_000 },
    frames: framesOf(video, format?.duration),
    start: Number(format?.start_time ?? 0),
    ...(video.duration && { end: Number(video.start_time ?? 0) + Number(video.duration) }),
    colours: {
      space: known(video.color_space),
      primaries: known(video.color_primaries),
      transfer: known(video.color_transfer),
    },
    audio: streams.flatMap(({ codec_type, codec_name }) =>
      codec_type === 'audio' ? (codec_name ?? 'unknown') : [],
    ),
  };
}

/** `30000/1001`; undefined for what is none, as `0/0`. */
function ratioOf(text: string | undefined, between: string): Ratio | undefined {
  const [numerator, denominator] = (text ?? '').split(between).map(Number);
  return numerator > 0 && denominator > 0 ? { numerator, denominator } : undefined;
}

function framesOf(
  { nb_frames, duration, avg_frame_rate }: ProbedStream,
  whole: string | undefined,
): number | undefined {
  if (Number(nb_frames) > 0) return Number(nb_frames);
  const rate = ratioOf(avg_frame_rate, '/');
  const seconds = Number(duration ?? whole);
  return rate && seconds > 0 ? Math.round((seconds * rate.numerator) / rate.denominator) : undefined;
}

const known = (word: string | undefined) => (word === 'unknown' || word === 'reserved' ? undefined : word);
