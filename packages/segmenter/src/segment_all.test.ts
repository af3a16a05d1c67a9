import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Picture } from './node.ts';
import { readPicture, type SegmentedPicture, Segmenter, segmentAll } from './node.ts';
import { testPicture } from './test_pixels.ts';

/** A small network, and our own engine. */
const quarter = new URL('../../golden/models/quarter/', import.meta.url);
const astronaut = fileURLToPath(new URL('../../../apps/cli/examples/astronaut.png', import.meta.url));

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await Segmenter.load(quarter, { threads: 2 });
});
afterAll(() => segmenter.dispose());

const sameNumbers = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  a.length === b.length && Array.prototype.every.call(a, (value, i) => value === b[i]);

async function all(outcomes: AsyncIterable<SegmentedPicture<Picture>>) {
  const found: SegmentedPicture<Picture>[] = [];
  for await (const outcome of outcomes) found.push(outcome);
  return found;
}

test('every picture has what `segment` gives it, in their order, whatever kind it is', async () => {
  const pictures = [
    testPicture(90, 60),
    astronaut,
    () => readFile(astronaut),
    async () => testPicture(31, 17),
  ];
  const found = await all(segmentAll(segmenter, pictures, { confidence: true }));
  expect(found.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
  expect(found.map(({ picture }) => picture)).toEqual(pictures);
  const alone = [pictures[0], astronaut, astronaut, testPicture(31, 17)] as Picture[];
  for (const [i, picture] of alone.entries()) {
    const { labels, confidence } = await segmenter.segment(picture, { confidence: true });
    const { segmentation } = found[i];
    expect([segmentation?.labels.width, segmentation?.labels.height]).toEqual([labels.width, labels.height]);
    expect(sameNumbers(segmentation!.labels.data, labels.data)).toBe(true);
    expect(sameNumbers(segmentation!.confidence!, confidence!)).toBe(true);
  }
});

test('a picture that fails has its error in its place, and the others are done', async () => {
  const pictures = [
    testPicture(20, 10),
    'missing.png',
    new Uint8Array([1, 2, 3]),
    () => {
      throw new Error('cannot be brought');
    },
    () => Promise.reject('a text'),
    testPicture(10, 20),
  ];
  const found = await all(segmentAll(segmenter, pictures));
  expect(found.map(({ error }) => error?.message)).toEqual([
    undefined,
    'missing.png: no such file',
    expect.stringContaining('picture: not a picture'),
    'cannot be brought',
    'a text',
    undefined,
  ]);
  for (const { segmentation, error } of found) {
    if (error) expect(segmentation).toBeUndefined();
    else expect(segmentation.labels.data.length).toBe(200); // compiles: without an error there is a result
  }
});

test('pictures are brought when their turn comes, and not before there is room', async () => {
  let brought = 0;
  const pictures = Array.from({ length: 20 }, () => () => {
    brought++;
    return testPicture(12, 12);
  });
  const outcomes = segmentAll(segmenter, pictures, { concurrency: 2 });
  await outcomes.next();
  await outcomes.next();
  expect(brought).toBeLessThanOrEqual(4);
  await outcomes.return();
});

test('an abort ends it with its reason', async () => {
  const stop = new AbortController();
  const pictures = Array.from({ length: 50 }, () => testPicture(200, 200));
  let done = 0;
  const run = (async () => {
    for await (const _ of segmentAll(segmenter, pictures, { signal: stop.signal })) {
      if (++done === 2) stop.abort(new Error('enough'));
    }
  })();
  await expect(run).rejects.toThrow('enough');
  expect(done).toBe(2);
  expect((await segmenter.segment(testPicture(8, 8))).labels.width).toBe(8); // which goes on
});

test('a segmenter that is disposed of ends it: none of the rest can be done', async () => {
  const short = await Segmenter.load(quarter, { threads: 1 });
  const pictures = Array.from({ length: 9 }, () => testPicture(30, 30));
  let done = 0;
  const run = (async () => {
    for await (const { error } of segmentAll(short, pictures)) {
      expect(error).toBeUndefined();
      if (++done === 1) await short.dispose();
    }
  })();
  await expect(run).rejects.toMatchObject({ code: 'disposed' });
});

test('options that cannot be are an error at once', () => {
  expect(() => segmentAll(segmenter, [], { concurrency: 0 })).toThrow(
    /^concurrency: expected a whole number/,
  );
});

test('a picture of a file and its pixels are one', async () => {
  const pixels = await readPicture(astronaut);
  const [{ segmentation: a }, { segmentation: b }] = await all(segmentAll(segmenter, [astronaut, pixels]));
  expect(sameNumbers(a!.labels.data, b!.labels.data)).toBe(true);
});
