import { classProbability, softCutOut } from '@atrous/mask';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPicture, Segmenter } from './node.ts';
import { testPicture } from './test_pixels.ts';

const model = new URL('../../golden/models/quarter/', import.meta.url);
const picture = testPicture(90, 60);

let segmenter: Segmenter;
beforeAll(async () => {
  segmenter = await Segmenter.load(model, { runtime: 'wasm', threads: 1 });
});
afterAll(() => segmenter.dispose());

/** The two classes that the picture shows most of. */
async function someClasses() {
  const { shares, classes } = await segmenter.segment(picture);
  return [...classes].sort((a, b) => shares[b.id] - shares[a.id]).slice(0, 2);
}

test('a cut-out of classes by name or id is what mask makes of picture and logits', async () => {
  const [first, second] = await someClasses();
  const found = await segmenter.segment(picture, { cutOut: [first.name, second.id], logits: true });
  const { logits, cutOut, timings, labels } = found;
  const { resize } = segmenter.config.postprocess;
  const probability = classProbability(logits!, [first.id, second.id], resize);
  expect(cutOut).toEqual(softCutOut(await readPicture(picture), probability));
  expect([cutOut!.width, cutOut!.height]).toEqual([labels.width, labels.height]);
  const opaque = cutOut!.data.filter((value, i) => i % 4 === 3 && value > 0).length;
  expect(opaque).toBeGreaterThan(100);
  expect(timings.total).toBeCloseTo(
    timings.decode + timings.prepare + timings.run + timings.labels + timings.cutOut!,
    6,
  );
});

test('the label map is the same with it, and without it there is none', async () => {
  const plain = await segmenter.segment(picture);
  expect(plain).not.toHaveProperty('cutOut');
  expect(plain.timings).not.toHaveProperty('cutOut');
  expect((await segmenter.segment(picture, { cutOut: [0] })).labels).toEqual(plain.labels);
});

test('the picture itself stays as it was given', async () => {
  const own = testPicture(90, 60);
  await segmenter.segment(own, { cutOut: [0] });
  expect(own.data).toEqual(picture.data);
});

test.each([[['nothing']], [[400]], [['constructor']]])(
  '%j: no class, and the classes are named',
  async (cutOut) => {
    const call = segmenter.segment(picture, { cutOut });
    await expect(call).rejects.toMatchObject({ code: 'input' });
    await expect(call).rejects.toThrow(`(0)`);
  },
);

test.each([[[]], ['sky'], [[1.5]], [[{}]], [null]])('%j is no list of classes', async (cutOut) => {
  const call = segmenter.segment(picture, { cutOut: cutOut as never });
  await expect(call).rejects.toThrow('cutOut: expected a list of class names or ids');
});
