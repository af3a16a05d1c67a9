import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { AtrousError } from '@atrous/tensor';
import type { Colours, VideoFacts } from './probe.ts';
import { fileUrl, inShort, startTool } from './tools.ts';

/** A decoded frame: RGB, with its time by the file's clock, in units of the video's time base. */
export interface DecodedFrame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  readonly begin: number;
  readonly length: number;
}

/** How colours are coded, by what files call it; ffmpeg's scaler has a word of its own for one of them. */
const matrices: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  smpte170m: 'smpte170m',
  bt470bg: 'bt470bg',
  bt2020nc: 'bt2020',
};

/** How colours are coded; where a file does not say, as players guess it by the height. */
export function colourSpace(
  { space }: Colours,
  height: number,
): { readonly space: string; readonly matrix: string } {
  const known = space && space in matrices ? space : height >= 720 ? 'bt709' : 'smpte170m';
  return { space: known, matrix: matrices[known] };
}

/**
 * Every frame of a video in order, turned as the file says. One is read ahead, no more: ffmpeg waits.
 * @throws AtrousError `input` for a damaged video, with the last frame that was sound
 */
export async function* decodeVideo(video: VideoFacts, signal: AbortSignal): AsyncGenerator<DecodedFrame> {
  const { path, width, height, timeBase, colours } = video;
  const every = ['-map', '0:V:0', '-fps_mode', 'passthrough'];
  const times = ['-enc_time_base', `${timeBase.numerator}/${timeBase.denominator}`];
  const scale = `scale=${width}:${height}:in_color_matrix=${colourSpace(colours, height).matrix}`;
  const raw = [
    '-vf',
    `${scale}:flags=bicubic+accurate_rnd+full_chroma_int,format=rgb24`,
    '-f',
    'rawvideo',
    'pipe:1',
  ];
  // the times of the same frames, a line each
  const lines = ['-c:v', 'wrapped_avframe', '-flush_packets', '1', '-f', 'framecrc', 'pipe:3'];
  const args = ['-v', 'error', '-nostdin', '-xerror', '-copyts', '-i', fileUrl(path)];
  const left = new AbortController();
  const until = AbortSignal.any([signal, left.signal]);
  const { process, ended } = startTool(
    'ffmpeg',
    [...args, ...every, ...times, ...raw, ...every, ...times, ...lines],
    until,
    1,
  );
  process.stdin?.end();
  let count = 0;
  try {
    const pixels = pieces(process.stdout as Readable, width * height * 3);
    const spans = timeLines(process.stdio[3] as Readable);
    const read = async () => {
      const data = await pixels.next();
      return data.done ? undefined : { data: data.value, time: await spans.next() };
    };
    let next = read();
    for (;;) {
      const frame = await next;
      if (!frame || frame.time.done) break;
      next = read();
      next.catch(() => {}); // it is heard of when it is its turn
      count++;
      yield { width, height, data: frame.data, ...frame.time.value };
    }
    const { code, said } = await ended;
    signal.throwIfAborted();
    if (code !== 0 || said) {
      throw new AtrousError(
        'input',
        `${path}: damaged after frame ${count}: ffmpeg says: ${inShort(said)}; what can be read of it is saved by ` +
          '`ffmpeg -i DAMAGED -c copy WHOLE`',
      );
    }
    if (count === 0) throw new AtrousError('input', `${path}: there is no frame in it`);
  } finally {
    left.abort();
    await ended.catch(() => {});
  }
}

/** A stream's bytes in pieces of one size; a rest is left out. */
async function* pieces(stream: Readable, size: number): AsyncGenerator<Uint8Array> {
  let piece = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; ) {
      const count = chunk.copy(piece, filled, at);
      at += count;
      filled += count;
      if (filled < size) continue;
      yield piece;
      piece = Buffer.allocUnsafeSlow(size); // the one before is its reader's
      filled = 0;
    }
  }
}

/** Begin and length out of lines as `0, 1001, 1001, 1001, 472, 0x180a1a36`: stream, decoding time, time, length, … */
async function* timeLines(stream: Readable): AsyncGenerator<Pick<DecodedFrame, 'begin' | 'length'>> {
  for await (const line of createInterface({ input: stream })) {
    if (line.startsWith('#')) continue;
    const [, , begin, length] = line.split(',').map(Number);
    if (!Number.isSafeInteger(begin))
      throw new AtrousError('input', `video: a frame without a time: ${line}`);
    yield { begin, length };
  }
}
