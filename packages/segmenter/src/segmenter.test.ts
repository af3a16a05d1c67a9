import { onnx } from '@atrous/runtime-onnx';
import { tfjs } from '@atrous/runtime-tfjs';
import { wasm } from '@atrous/runtime-wasm';
import { loadModel } from '@atrous/zoo';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  listRuntimes,
  type RuntimeReport,
  runtimeTable,
  Segmenter,
  unknownId,
  verify,
  withRuntime,
} from './node.ts';
import { testPicture } from './test_pixels.ts';

/** Where the models lie here; installed, their package names would do. */
const people = new URL('../../model-people-small/', import.meta.url);
const quarter = new URL('../../golden/models/quarter/', import.meta.url);

const runtimes = [onnx(), tfjs()];

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await Segmenter.load(people, { runtimes });
});
afterAll(() => segmenter.dispose());

test('a picture gets a label map of its own size, shares that add up, timings and a reason', async () => {
  const { labels, classes, shares, timings, runtime, reason, confidence } = await segmenter.segment(
    testPicture(50, 30),
  );
  expect([labels.width, labels.height, labels.data.length]).toEqual([50, 30, 1500]);
  expect(classes[0]).toMatchObject({ id: 0, name: 'background' });
  expect(shares.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  expect(timings.total).toBeGreaterThan(timings.run);
  expect(runtime).toBe('onnx:native');
  expect(reason).toContain('first available choice');
  expect(confidence).toBeUndefined();
});

test.each([
  [1, 1],
  [12000, 40],
  [40, 12000],
])('%d×%d pixels', async (width, height) => {
  const { labels } = await segmenter.segment(testPicture(width, height));
  expect([labels.width, labels.height]).toEqual([width, height]);
});

test('where no worker starts it says so once, with what failed', async () => {
  const why = 'https://elsewhere.example/worker.js: refused';
  const createWorker = () => {
    throw new Error(why);
  };
  const here = { wasm: async () => wasm({ createWorker }) };
  const slow = await Segmenter.load(people, { runtimes: [here], runtime: 'wasm' });
  expect(slow.reason).toBe(
    `asked for; on the calling thread, in slices, since no worker starts here (${why})`,
  );
  const { reason, labels } = await slow.segment(testPicture(20, 10));
  await slow.dispose();
  expect([reason, labels.width]).toEqual([slow.reason, 20]);
});

test('confidence is there when it is asked for', async () => {
  const { confidence } = await segmenter.segment(testPicture(20, 10), { confidence: true });
  expect(confidence).toHaveLength(200);
  expect(Math.min(...confidence!)).toBeGreaterThan(1 / segmenter.classes.length);
  expect(Math.max(...confidence!)).toBeLessThanOrEqual(1);
});

test('what is not sure enough is unknown, and the rest stays', async () => {
  const picture = testPicture(60, 40);
  const { labels, confidence } = await segmenter.segment(picture, { confidence: true });
  const sorted = [...confidence!].sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1];
  const unsure = await segmenter.segment(picture, { minConfidence: middle });
  expect(unsure.confidence).toBeUndefined();
  expect([...unsure.labels.data]).toEqual(
    [...labels.data].map((id, i) => (confidence![i] < middle ? unknownId(labels) : id)),
  );
  expect(unsure.shares.reduce((a, b) => a + b, 0)).toBeCloseTo(
    unsure.labels.data.filter((id) => id !== 255).length / unsure.labels.data.length,
    12,
  );
});

test('several views give logits of the finest, and their mean decides', async () => {
  const picture = testPicture(96, 64);
  const [plain, views] = [
    await segmenter.segment(picture, { logits: true }),
    await segmenter.segment(picture, { logits: true, scales: [1, 1.5], flip: true }),
  ];
  expect(views.logits!.shape[2]).toBe(1.5 * plain.logits!.shape[2]);
  expect(views.timings.run).toBeGreaterThan(plain.timings.run);
  expect(views.timings.total).toBeGreaterThan(views.timings.prepare + views.timings.run);
});

test('calls may overlap, and each may be given up', async () => {
  const picture = testPicture(64, 64);
  const stop = new AbortController();
  const [first, given, last] = [
    segmenter.segment(picture),
    segmenter.segment(picture, { signal: stop.signal }),
    segmenter.segment(picture),
  ];
  stop.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  expect((await first).labels).toEqual((await last).labels);
});

test('runtimes agree', async () => {
  const picture = testPicture(96, 64);
  const reference = await Segmenter.load(people, { runtime: 'reference' });
  const expected = (await reference.segment(picture)).labels.data;
  for (const runtime of ['onnx:wasm', 'wasm']) {
    const other = await Segmenter.load(people, { runtimes, runtime, threads: 1 });
    const { labels } = await other.segment(picture);
    const same = labels.data.filter((label, i) => label === expected[i]).length;
    expect(same / expected.length).toBeGreaterThan(0.998);
    await other.dispose();
  }
});

test('progress and cancellation reach loading', async () => {
  const phases = new Set<string>();
  const loaded = await Segmenter.load(quarter, { onProgress: ({ phase }) => phases.add(phase) });
  expect([...phases]).toEqual(['verify']);
  await loaded.dispose();
  await expect(loaded.segment(testPicture(2, 2))).rejects.toMatchObject({ code: 'disposed' });
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(Segmenter.load(quarter, { signal })).rejects.toThrow('enough');
});

test('without runtimes, auto takes our own engine and says what it would have preferred', async () => {
  const alone = await Segmenter.load(people, { threads: 1 });
  await alone.dispose();
  expect(alone.runtime).toBe('wasm');
  expect(alone.reason).toBe(
    'the first available choice; onnx:native: not given (runtimes: [onnx()] of @atrous/runtime-onnx)',
  );
});

test('errors say what to do', async () => {
  await expect(Segmenter.load(people, { runtime: 'onnx:wasm' })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringMatching(/npm install @atrous\/runtime-onnx".*import \{ onnx \} from/),
  });
  await expect(Segmenter.load(people, { runtime: 'cuda' })).rejects.toThrow(
    'unknown runtime "cuda": expected one of auto',
  );
  await expect(Segmenter.load('no-such-model')).rejects.toMatchObject({ code: 'not-found' });
});

describe('what cannot be is an error of ours', () => {
  test.each([null, undefined, 7, ''])('load(%s)', async (location) => {
    await expect(Segmenter.load(location as never)).rejects.toMatchObject({ code: 'input' });
  });
  test.each([{ runtime: null }, { threads: 1.5 }, { threads: '2' }, { runtimes: {} }, null])(
    'load with %j',
    async (options) => {
      await expect(Segmenter.load(people, options as never)).rejects.toMatchObject({ code: 'input' });
      await expect(verify(people, undefined, options as never)).rejects.toMatchObject({ code: 'input' });
    },
  );
  test.each([
    { names: ['constructor'] },
    { names: ['logits', 'toString'] },
    { names: ['logits', 7] },
    { names: [] },
    { names: 'logits' },
    {},
  ])('features of %j', async ({ names }) => {
    const call = segmenter.features(testPicture(8, 8), names as never);
    await expect(call).rejects.toMatchObject({ code: 'input' });
  });
  test('options of calls', async () => {
    const picture = testPicture(8, 8);
    for (const options of [null, { minConfidence: '0.5' }, { signal: {} }, { maxPixels: -1 }]) {
      await expect(segmenter.segment(picture, options as never)).rejects.toMatchObject({ code: 'input' });
    }
    await expect(segmenter.features(picture, ['logits'], null as never)).rejects.toMatchObject({
      code: 'input',
    });
    const use = async () => 0;
    await expect(withRuntime(runtimeTable(), 'auto', { threads: -1 }, use)).rejects.toMatchObject({
      code: 'input',
    });
    await expect(listRuntimes(runtimeTable(), { threads: 1e9 })).rejects.toMatchObject({ code: 'input' });
  });
});

test.each(['wasm', 'onnx:native', 'reference'])('%s: what is disposed of says so', async (runtime) => {
  const short = await Segmenter.load(people, { runtimes, runtime });
  const running = short.segment(testPicture(400, 300));
  running.catch(() => {});
  await Promise.all([short.dispose(), short.dispose()]);
  await short.dispose();
  const late = [running, short.segment(testPicture(8, 8)), short.features(testPicture(8, 8), ['logits'])];
  for (const call of late) await expect(call).rejects.toMatchObject({ code: 'disposed' });
});

test('auto goes on where our kernels do not compile, and says so', async () => {
  const compile = vi
    .spyOn(WebAssembly, 'compile')
    .mockRejectedValue(new WebAssembly.CompileError('bad magic'));
  try {
    const table = { ...runtimeTable(), choices: { auto: ['wasm', 'reference'] } };
    const model = await loadModel(people.pathname);
    const chosen = await withRuntime(table, 'auto', {}, async (runtime) =>
      (await runtime.load(model)).dispose(),
    );
    expect(chosen.name).toBe('reference');
    expect(chosen.reason).toContain('wasm: wasm: the relaxed kernels do not compile here');
  } finally {
    compile.mockRestore();
  }
});

describe('verify', () => {
  test('reports each runtime once, in turn', async () => {
    const seen: string[] = [];
    const options = {
      runtimes,
      only: ['wasm', 'tfjs:wasm', 'tfjs:webgl'],
      baseline: 'wasm',
      onReport: ({ runtime }: RuntimeReport) => seen.push(runtime),
    };
    const { reports, height, width, model, baseline } = await verify(people, testPicture(64, 48), options);
    expect([model, baseline, height, width]).toEqual(['people-small', 'wasm', 48, 64]);
    expect(seen).toEqual(options.only);
    expect(reports[0]).toMatchObject({ isBaseline: true, largestDifference: 0, differingPixels: 0 });
    expect(reports[1].isBaseline).toBe(false);
    expect(reports[1].largestDifference).toBeLessThan(1e-4);
    expect(reports[1].milliseconds).toBeGreaterThan(0);
    expect(reports[2].reason).toContain('webgl');
  });
  test('without a baseline, or stopped, is an error', async () => {
    const options = { runtimes, only: ['tfjs:webgl'], baseline: 'tfjs:webgl' };
    const nothing = verify(people, undefined, options);
    await expect(nothing).rejects.toMatchObject({ code: 'unavailable' });
    const stopped = verify(people, undefined, { signal: AbortSignal.abort(new Error('enough')) });
    await expect(stopped).rejects.toThrow('enough');
  });
});
