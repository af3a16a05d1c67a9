import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { tinyFiles } from '../../zoo/src/test_model.ts';
import { Segmenter as InPage } from './browser.ts';
import { Segmenter } from './in_worker.ts';
import { testPicture } from './test_pixels.ts';

let inPage: InPage;
let inWorker: Segmenter;
beforeAll(async () => {
  const files = await tinyFiles();
  const options = { runtime: 'wasm', threads: 1, precision: 'float32' } as const;
  inPage = await InPage.load(files, options);
  inWorker = await Segmenter.load(files, options);
});
afterAll(async () => {
  await inPage.dispose();
  await inWorker.dispose();
});

/** A canvas that draws another picture every 20 ms, until it is told to stop. */
function moving(width = 64, height = 48) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d')!;
  let count = 0;
  const draw = () => {
    context.fillStyle = `hsl(${++count * 20} 70% 50%)`;
    context.fillRect(0, 0, width, height);
  };
  draw();
  const timer = setInterval(draw, 20);
  const stream = canvas.captureStream(50);
  const [track] = stream.getVideoTracks();
  return {
    canvas,
    stream,
    track,
    stop() {
      clearInterval(timer);
      track.stop();
    },
  };
}

const isClosed = (frame: VideoFrame | ImageBitmap) =>
  'format' in frame ? frame.format === null : frame.width === 0;

describe('the worker’s streams', () => {
  test('give what those of the page do, each with its own past', async () => {
    const frames = [0, 1].map((first) => [0, 1, 2].map((i) => testPicture(60, 40, 10 * first + i)));
    const options = { smoothing: 0.5, logits: true };
    const alone = await Promise.all(
      frames.map(async (each) => {
        const all: unknown[] = [];
        for await (const { logits } of inPage.stream(each, options)) all.push(logits);
        return all;
      }),
    );
    const streams = frames.map((each) => inWorker.stream(each, options));
    for (const turn of [0, 1, 1, 0, 0, 1]) {
      const { logits } = (await streams[turn].next()).value!;
      expect(logits).toEqual(alone[turn].shift());
      structuredClone(logits, { transfer: [logits!.data.buffer] }); // a caller may move them on
      await inWorker.segment(frames[turn][0]);
    }
  });

  test('leave frames open while they are used, and close them then', async () => {
    const { canvas, stop } = moving();
    const frames = [0, 1, 2].map((timestamp) => new VideoFrame(canvas, { timestamp }));
    stop();
    for await (const { frame, labels } of inWorker.stream(frames)) {
      expect([frame.displayWidth, labels.width, isClosed(frame)]).toEqual([64, 64, false]);
      if (frame === frames[1]) break;
    }
    expect(frames.map(isClosed)).toEqual([true, true, false]);
    frames[2].close();
  });

  test('a frame that is segmented alone stays its owner’s, aborted or not', async () => {
    const { canvas, stop } = moving();
    const frame = new VideoFrame(canvas, { timestamp: 0 });
    stop();
    await inWorker.segment(frame);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(inWorker.segment(frame, { signal })).rejects.toThrow('enough');
    expect(isClosed(frame)).toBe(false);
    frame.close();
  });
});

describe.each([
  ['in the page', () => inPage],
  ['in the worker', () => inWorker],
])('%s', (_, segmenterOf) => {
  test('a camera’s track: the newest frame, until the track ends', async () => {
    const { track, stop } = moving();
    const frames: (VideoFrame | ImageBitmap)[] = [];
    let skippedAll = 0;
    for await (const { frame, labels, skipped } of segmenterOf().stream(track, { smoothing: 0.5 })) {
      expect(labels.width).toBe(64);
      frames.push(frame);
      skippedAll += skipped;
      await new Promise((resolve) => setTimeout(resolve, 60));
      if (frames.length === 4) stop();
      if (frames.length === 20) throw new Error('the end of the track is not seen');
    }
    expect(skippedAll).toBeGreaterThan(0);
    expect(frames.map(isClosed)).toEqual(frames.map(() => true));
  });

  test('a video that is paused: what stands there, then nothing until an abort', async () => {
    const { stream, stop } = moving();
    const video = Object.assign(document.createElement('video'), { muted: true });
    video.srcObject = stream;
    await video.play();
    video.pause();
    const given = new AbortController();
    const frames = segmenterOf().stream(video, { signal: given.signal });
    const { frame } = (await frames.next()).value!;
    expect(isClosed(frame)).toBe(false);
    const next = frames.next();
    next.catch(() => {});
    await vi.waitFor(() => expect(isClosed(frame)).toBe(true));
    given.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
    stop();
    video.srcObject = null;
  });
});

test('a ReadableStream of frames is cancelled by who leaves', async () => {
  const { canvas, stop } = moving();
  const cancel = vi.fn();
  const frames: VideoFrame[] = [];
  const readable = new ReadableStream<VideoFrame>(
    {
      pull(controller) {
        frames.push(new VideoFrame(canvas, { timestamp: frames.length }));
        controller.enqueue(frames.at(-1)!);
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
  for await (const { frame } of inPage.stream(readable)) if (frame.timestamp === 2) break;
  stop();
  expect(cancel).toHaveBeenCalledOnce();
  expect(frames.map(isClosed)).toEqual([true, true, true]);
});

test('what is no source says what would be', async () => {
  const { stream, track, stop } = moving();
  const video = document.createElement('video');
  const audio = new AudioContext().createMediaStreamDestination().stream.getAudioTracks()[0];
  stop();
  for (const [source, options, message] of [
    [stream, {}, 'expected a track, got MediaStream: give one of its getVideoTracks()'],
    [audio, {}, 'expected a track of kind video, got one of kind audio'],
    [video, { every: true }, 'every: HTMLVideoElement plays on'],
    [document.createElement('canvas'), {}, 'expected pictures one after the other, got HTMLCanvasElement'],
  ] as const) {
    expect(() => inPage.stream(source as never, options)).toThrow(message);
  }
  for await (const _ of inPage.stream(track)) throw new Error('it has ended');
});
