import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { type PartialFile, partialFile } from '@atrous/checkpoint/node';
import { AtrousError } from '@atrous/tensor';
import type { DecodedFrame } from './decode.ts';
import { beginFrame, beginMatroska, type RawFormat } from './matroska.ts';
import type { VideoFacts } from './probe.ts';
import { fileUrl, inShort, type Running, startTool } from './tools.ts';

/** How frames become a file. */
export interface Encoding {
  /** ffmpeg's name of the file format, and what belongs to it. */
  readonly container: readonly string[];
  /** Whether its times are in the source's time base. */
  readonly isExact?: boolean;
  /** Filters on the frames, one after the other. */
  readonly filters: readonly string[];
  /** Codec and pixel format of the frames. */
  readonly codec: readonly string[];
  /** What becomes of the sound, as the codec's arguments; none where it is left out. */
  readonly sound?: readonly string[];
}

/** A video that is being written. */
export interface VideoFile {
  /** Takes a frame's bytes, and waits where the encoder is behind. */
  write(bytes: Uint8Array, time: Pick<DecodedFrame, 'begin' | 'length'>): Promise<void>;
  /** Waits until the file is whole. @throws AtrousError `runtime` with what ffmpeg says */
  finish(): Promise<void>;
  /** Gives it its name. */
  keep(): Promise<void>;
  /** Ends it, and removes what is there of it. */
  drop(): Promise<void>;
}

type Span = Pick<DecodedFrame, 'begin' | 'length'>;

/**
 * A video with the times of another one's frames, and with its sound.
 * @param path what it will be called; until it is whole it has another name
 */
export async function encodeVideo(
  path: string,
  format: RawFormat,
  encoding: Encoding,
  source: VideoFacts,
  signal: AbortSignal,
): Promise<VideoFile> {
  const left = new AbortController();
  const until = AbortSignal.any([signal, left.signal]);
  const partials = [await partialFile(path)];
  let running: Running | undefined;
  let first: Span = { begin: 0, length: 0 };
  let last = first;

  const start = (args: readonly string[], to: PartialFile): Running =>
    startTool(
      'ffmpeg',
      ['-v', 'error', '-nostdin', '-y', ...args, ...encoding.container, fileUrl(to.path)],
      until,
    );
  /** Waits until it has ended as it should. */
  const ended = async (program: Running, how: 'done' | 'too early'): Promise<void> => {
    const { code, said } = await program.ended;
    signal.throwIfAborted();
    if (code !== 0 || how === 'too early')
      throw new AtrousError('runtime', `${path}: ffmpeg cannot encode it: ${inShort(said)}`);
  };
  const begin = (span: Span): Running => {
    first = span;
    const started = start(argumentsOf(encoding, source, span), partials[0]);
    started.process.stdin?.write(beginMatroska(source, format, nanoseconds(span.length, source)));
    return started;
  };
  return {
    async write(bytes, span) {
      running ??= begin(span);
      last = span;
      const stdin = running.process.stdin as Writable;
      const time = {
        begin: nanoseconds(span.begin - first.begin, source),
        length: nanoseconds(span.length, source),
      };
      if (stdin.writable) stdin.write(beginFrame(time, bytes.length));
      if (stdin.writable && !stdin.write(bytes)) {
        const gone = new AbortController();
        const heard = ['drain', 'close'].map((event) => once(stdin, event, { signal: gone.signal }));
        await Promise.race(heard).catch(() => {}); // how it ended says why
        gone.abort();
      }
      if (!stdin.writable) await ended(running, 'too early');
    },
    async finish() {
      if (!running) return;
      running.process.stdin?.end();
      await ended(running, 'done');
      const known = inSeconds(last.begin + last.length, source);
      const { end = known } = source;
      const lasts = Math.round((end - inSeconds(last.begin, source)) / inSeconds(1, source));
      if (!encoding.isExact || Math.abs(end - known) < 0.0005 || lasts <= 0) return;
      // encoders lose how long frames are, and of the last one no next one tells
      partials.unshift(await partialFile(path));
      const begins = last.begin - Math.round(source.start / inSeconds(1, source));
      const again = start(lastLength(partials[1], { begin: begins, length: lasts }), partials[0]);
      again.process.stdin?.end();
      await ended(again, 'done');
    },
    keep: () => partials[0].keep(),
    async drop() {
      left.abort();
      await running?.ended.catch(() => {});
      for (const partial of partials) await partial.drop();
    },
  };
}

const inSeconds = (time: number, { timeBase }: VideoFacts): number =>
  (time * timeBase.numerator) / timeBase.denominator;

/** Lengths of frames, in the source's time base; times stay, for which it has to be told. */
const setDuration = (expression: string): string => `setts=pts=PTS:dts=DTS:duration='${expression}'`;

/** Copies a video, and says how long its last frame is. */
function lastLength({ path }: PartialFile, { begin, length }: Span): string[] {
  const duration = `if(gte(PTS,${begin}),${length},DURATION)`;
  return ['-i', fileUrl(path), '-map', '0', '-c', 'copy', '-copyts', '-bsf:v', setDuration(duration)];
}

/**
 * Both inputs keep the file's clock, whichever of its streams begins first; the output begins at zero.
 * @param first sound may begin before it
 */
function argumentsOf(
  { filters, codec, sound, isExact }: Encoding,
  video: VideoFacts,
  { begin, length }: Span,
): string[] {
  const { path, start, timeBase, pixelAspect } = video;
  const isSquare = pixelAspect.numerator === pixelAspect.denominator;
  const aspect = isSquare ? [] : [`setsar=${pixelAspect.numerator}/${pixelAspect.denominator}`];
  const all = [...filters, ...aspect];
  return [
    ...['-copyts', '-f', 'matroska', '-itsoffset', inSeconds(begin, video).toFixed(6), '-i', 'pipe:0'],
    ...(sound ? ['-i', fileUrl(path), '-map', '0:v', '-map', '1:a?', '-map_metadata', '1', ...sound] : []),
    ...(all.length > 0 ? ['-vf', all.join(',')] : []),
    ...(start === 0 ? [] : ['-output_ts_offset', String(-start)]),
    ...['-fps_mode', 'passthrough', '-enc_time_base', `${timeBase.numerator}/${timeBase.denominator}`],
    ...codec,
    ...(isExact ? ['-bsf:v', setDuration(`if(DURATION,DURATION,${length})`)] : []),
  ];
}

/** A time in units of the time base, as nanoseconds. */
function nanoseconds(time: number, { timeBase }: Pick<VideoFacts, 'timeBase'>): bigint {
  const denominator = BigInt(timeBase.denominator);
  const doubled = 2n * 10n ** 9n * BigInt(time) * BigInt(timeBase.numerator);
  return (doubled + denominator) / (2n * denominator);
}
