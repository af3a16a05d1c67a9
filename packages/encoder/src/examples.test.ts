import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { encode } from 'fast-png';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { score, teach } from '../examples/linear_probe.ts';
import { trainProbe } from '../examples/ridge.ts';
import { findSimilar } from '../examples/similar_pictures.ts';
import { type Encoder, encoderOf } from './node.ts';
import { filled, picture, tiny } from './test_models.ts';

let folder = '';
let encoder: Encoder;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-examples-'));
  const size = { mode: 'fixed', height: 64, width: 64 } as const;
  const model = await filled('xception', { ...tiny, classes: 0 });
  encoder = await encoderOf(model, { runtime: 'wasm', threads: 1, preparation: { size } });
});
afterAll(async () => {
  await encoder.dispose();
  await rm(folder, { recursive: true });
});

/** Writes a picture of about a colour. */
async function draw(path: string, [red, green, blue]: readonly number[], change: number): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true });
  const { width, height, data } = picture(24 + change, 20, [red + change, green - change, blue + 2 * change]);
  await writeFile(join(folder, path), encode({ width, height, data, channels: 3 }));
}

const colours = { red: [200, 40, 40], blue: [30, 40, 190], grey: [120, 120, 120] } as const;

test('the most alike of a folder: itself, then its kind', async () => {
  for (const [name, colour] of Object.entries(colours)) {
    for (const change of [0, 7]) await draw(`all/${name}${change}.png`, colour, change);
  }
  const found = await findSimilar(encoder, join(folder, 'all'), join(folder, 'all/blue7.png'), 2);
  expect(found.map(({ path }) => basename(path))).toEqual(['blue7.png', 'blue0.png']);
  expect(found[0].similarity).toBeCloseTo(1, 5);
});

test('a linear probe tells pictures apart that it has not seen', async () => {
  for (const [name, colour] of Object.entries(colours)) {
    for (const change of [0, 4, 8]) await draw(`train/${name}/${change}.png`, colour, change);
    for (const change of [2, 6]) await draw(`test/${name}/${change}.png`, colour, change);
  }
  const probe = await teach(encoder, join(folder, 'train'));
  expect(probe.classes).toEqual(['blue', 'grey', 'red']);
  expect(await score(encoder, probe, join(folder, 'test'))).toBe(1);
});

test('ridge regression finds what is linear, with fewer vectors than numbers in each', () => {
  const seed = fc.integer({ min: 1, max: 1e6 });
  fc.assert(
    fc.property(seed, (start) => {
      const next = random(start);
      const direction = Array.from({ length: 60 }, () => next() - 0.5);
      const sample = () => {
        const side = next() < 0.5 ? -1 : 1;
        const vector = direction.map((value) => 5 + side * value + 0.3 * (next() - 0.5));
        return { vector, label: side < 0 ? 'left' : 'right' };
      };
      const train = Array.from({ length: 30 }, sample);
      const probe = trainProbe(
        train.map(({ vector }) => vector),
        train.map(({ label }) => label),
      );
      for (const { vector, label } of Array.from({ length: 20 }, sample))
        expect(probe.predict(vector)).toBe(label);
    }),
    { numRuns: 20 },
  );
});

test('a vector that says nothing is of the class that most vectors are of', () => {
  const vectors = [
    [1, 0],
    [3, 0],
    [2, 1],
    [2, 3],
  ];
  for (const [labels, most] of [
    [['a', 'b', 'b', 'b'], 'b'],
    [['a', 'b', 'a', 'a'], 'a'],
  ] as const)
    expect(trainProbe(vectors, labels).predict([2, 1])).toBe(most);
});

/** Numbers in [0, 1). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
