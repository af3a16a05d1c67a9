import { saveModel } from '@atrous/zoo';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { memoryFolder } from '../../zoo/src/test_folder.ts';
import { tinyConfig, tinyModel } from '../../zoo/src/test_model.ts';
import { Segmenter } from './node.ts';
import { testPicture } from './test_pixels.ts';

async function load(): Promise<Segmenter> {
  const folder = memoryFolder();
  await saveModel(folder.sink, tinyModel, tinyConfig, ['float32']);
  return Segmenter.load(await folder.files(), { threads: 1, precision: 'float32' });
}

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await load();
});
afterAll(() => segmenter.dispose());

/** Frames that differ, and count how often they are closed. */
const frame = (seed = 0, width = 48, height = 32) => ({
  ...testPicture(width, height, seed),
  close: vi.fn(),
});
type Frame = ReturnType<typeof frame>;
const closings = (frames: readonly Frame[]) => frames.map(({ close }) => close.mock.calls.length);

/** A source that says how it ended. */
function sourceOf(frames: readonly Frame[]) {
  const ended = vi.fn();
  async function* give() {
    try {
      yield* frames;
    } finally {
      ended();
    }
  }
  return { source: give(), ended };
}

async function logitsOf(frames: readonly Frame[], smoothing: number): Promise<Float32Array[]> {
  const all: Float32Array[] = [];
  for await (const { logits } of segmenter.stream(frames, { smoothing, logits: true }))
    all.push(logits!.data as Float32Array);
  return all;
}

test('every frame in order, each as `segment` sees it', async () => {
  const frames = [frame(1), frame(2), frame(3, 20, 40)];
  const seen: Frame[] = [];
  for await (const { frame, labels, skipped, classes, logits } of segmenter.stream(frames)) {
    expect(labels).toEqual((await segmenter.segment(frame)).labels);
    expect([skipped, classes, logits]).toEqual([0, segmenter.classes, undefined]);
    expect(closings(frames).slice(seen.length)).toEqual(frames.slice(seen.length).map(() => 0)); // open while it is used
    seen.push(frame);
  }
  expect(seen).toEqual(frames);
  expect(closings(frames)).toEqual([1, 1, 1]);
});

test('smoothing averages the logits with those before, and begins anew where the size changes', async () => {
  const frames = [frame(1), frame(2), frame(3), frame(4, 20, 40)];
  const plain = await logitsOf(frames, 0);
  for (const [i, each] of frames.entries())
    expect((await segmenter.segment(each, { logits: true })).logits!.data).toEqual(plain[i]);
  const smooth = await logitsOf(frames, 0.25);
  const second = plain[1].map((value, i) => value + (plain[0][i] - value) * 0.25);
  const third = plain[2].map((value, i) => value + (second[i] - value) * 0.25);
  expect(smooth).toEqual([plain[0], second, third, plain[3]]);
});

test('no two streams share a past, nor do single calls', async () => {
  const frames = [[1, 2, 3].map((seed) => frame(seed)), [4, 5, 6].map((seed) => frame(seed))];
  const alone = await Promise.all(frames.map((each) => logitsOf(each, 0.5)));
  const single = await segmenter.segment(frames[0][2], { logits: true });
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray([0, 0, 0, 1, 1, 1, 2], { minLength: 7 }), async (order) => {
      const streams = frames.map((each) => segmenter.stream(each, { smoothing: 0.5, logits: true }));
      const got: unknown[][] = [[], []];
      for (const turn of order) {
        if (turn === 2) {
          expect((await segmenter.segment(frames[0][2], { logits: true })).logits).toEqual(single.logits);
        } else {
          const { logits } = (await streams[turn].next()).value!;
          got[turn].push(logits!.data.slice());
          (logits!.data as Float32Array).fill(0); // what a caller does with them is its own affair
        }
      }
      expect(got).toEqual(alone);
    }),
    { numRuns: 20 },
  );
});

test('leaving the loop closes the frame and ends the source', async () => {
  const frames = [frame(), frame(), frame()];
  const { source, ended } = sourceOf(frames);
  for await (const _ of segmenter.stream(source)) break;
  expect([closings(frames), ended.mock.calls.length]).toEqual([[1, 0, 0], 1]);
});

test('an error of the source, or of a frame, is thrown, and what was open is closed', async () => {
  const frames = [frame(1), frame(2)];
  const broken = async function* () {
    yield frames[0];
    throw new Error('unplugged');
  };
  const seen: unknown[] = [];
  const read = async (source: AsyncIterable<Frame>) => {
    for await (const { frame } of segmenter.stream(source)) seen.push(frame);
  };
  await expect(read(broken())).rejects.toThrow('unplugged');
  expect([seen, closings(frames)]).toEqual([[frames[0]], [1, 0]]);

  const bad = { ...frames[1], data: new Float32Array(3), close: vi.fn() };
  const { source, ended } = sourceOf([bad as never, frame()]);
  await expect(read(source)).rejects.toMatchObject({ code: 'input' });
  expect([bad.close.mock.calls.length, ended.mock.calls.length]).toEqual([1, 1]);
});

describe('an abort', () => {
  test('while the network runs, or between frames, closes what is open and ends the source', async () => {
    for (const moment of ['run', 'between'] as const) {
      const frames = [frame(), frame(1, 800, 600)];
      const { source, ended } = sourceOf(frames);
      const stop = new AbortController();
      const stream = segmenter.stream(source, { signal: stop.signal });
      await stream.next();
      if (moment === 'run') setTimeout(() => stop.abort(new Error('enough')), 5);
      else stop.abort(new Error('enough'));
      await expect(stream.next()).rejects.toThrow('enough');
      expect([closings(frames), ended.mock.calls.length]).toEqual([moment === 'run' ? [1, 1] : [1, 0], 1]);
      expect(await stream.next()).toEqual({ done: true, value: undefined });
    }
  });

  test('while the source waits does not wait for it, and a frame that comes late is closed', async () => {
    for (const every of [true, false]) {
      const late = Promise.withResolvers<Frame>();
      const ended = vi.fn();
      const source = {
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false, value: await late.promise }),
          return: async () => {
            ended();
            return { done: true as const, value: undefined };
          },
        }),
      };
      const stop = new AbortController();
      const next = segmenter.stream(source, { signal: stop.signal, every }).next();
      setTimeout(() => stop.abort(new Error('enough')), 5);
      await expect(next).rejects.toThrow('enough');
      expect(ended).toHaveBeenCalledOnce();
      const one = frame();
      late.resolve(one);
      await vi.waitFor(() => expect(closings([one])).toEqual([1]));
    }
  });

  test('before the first frame takes none', async () => {
    const { source, ended } = sourceOf([frame()]);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(segmenter.stream(source, { signal }).next()).rejects.toThrow('enough');
    expect(ended).not.toHaveBeenCalled(); // a generator that has not begun has nothing to end
  });
});

test('without `every`, the newest frame wins; what it won over is counted and closed', async () => {
  const frames = Array.from({ length: 9 }, (_, seed) => frame(seed));
  const seen: Frame[] = [];
  let skippedAll = 0;
  for await (const { frame, skipped } of segmenter.stream(sourceOf(frames).source, { every: false })) {
    seen.push(frame);
    skippedAll += skipped;
  }
  expect(seen.length).toBeLessThan(4);
  expect(seen.at(-1)).toBe(frames[8]);
  expect(seen.length + skippedAll).toBe(9);
  expect(closings(frames)).toEqual(frames.map(() => 1));

  const left = Array.from({ length: 3 }, (_, seed) => frame(seed));
  const { source, ended } = sourceOf(left);
  for await (const _ of segmenter.stream(source, { every: false })) {
    await new Promise((resolve) => setTimeout(resolve, 1)); // those after it are there by now
    break;
  }
  expect([closings(left), ended.mock.calls.length]).toEqual([[1, 1, 1], 1]);

  const broken = async function* () {
    yield frame();
    throw new Error('unplugged');
  };
  const read = async () => {
    for await (const _ of segmenter.stream(broken(), { every: false }));
  };
  await expect(read()).rejects.toThrow('unplugged');
});

test('a ReadableStream is read, and cancelled by who leaves', async () => {
  const cancel = vi.fn();
  const stream = new ReadableStream({ pull: (controller) => controller.enqueue(frame()), cancel });
  for await (const { labels } of segmenter.stream(stream)) {
    expect(labels.width).toBe(48);
    break;
  }
  expect(cancel).toHaveBeenCalledOnce();
});

test('what is disposed of ends its streams, also those that wait', async () => {
  const short = await load();
  const forever = {
    [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
  };
  const waiting = short.stream(forever as AsyncIterable<Frame>).next();
  waiting.catch(() => {});
  await short.dispose();
  await expect(waiting).rejects.toMatchObject({ code: 'disposed' });
  await expect(short.stream([frame()]).next()).rejects.toMatchObject({ code: 'disposed' });
});

test.each<[unknown, object | undefined, string]>([
  ['photo.jpg', {}, 'stream: expected pictures one after the other, got "photo.jpg"'],
  [new Uint8Array(8), {}, 'got Uint8Array'],
  [undefined, undefined, 'got undefined'],
  [{}, {}, 'got an object'],
  [[], { smoothing: 1 }, 'smoothing: expected at least 0 and less than 1, got 1'],
  [[], { every: 1 }, 'every: expected true or false, got 1'],
  [[], { scales: [] }, 'scales: expected a list'],
])('%j with %j is an error of ours', (source, options, message) => {
  expect(() => segmenter.stream(source as never, options)).toThrow(
    expect.objectContaining({ code: 'input', message: expect.stringContaining(message) }),
  );
});
