import { filledModel } from '@atrous/golden';
import {
  add,
  buildGraph,
  conv2d,
  globalAveragePool,
  imageInput,
  type Model,
  resizeLike,
  separableConv2d,
} from '@atrous/graph';
import { labelMap } from '@atrous/mask';
import { wasm } from '@atrous/runtime-wasm';
import type { Preprocess } from '@atrous/zoo';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pixels } from './pixels.ts';
import { testPicture } from './test_pixels.ts';
import { labelByBands, look, type ViewOptions, type ViewProgress } from './views.ts';
import { blendWeights, cutWindows, spans } from './windows.ts';

/** Strides to 16, looks around with holes, and back to stride 4; without and with something pooled over the whole picture. */
const network = (pooled: boolean): Model =>
  filledModel(
    buildGraph(imageInput(), (root, { image }) => {
      const low = conv2d(root.child('low'), conv2d(root.child('stem'), image, { channels: 6, stride: 2 }), {
        channels: 6,
        stride: 2,
      });
      const middle = conv2d(root.child('middle'), low, { channels: 8, stride: 2 });
      const deep = conv2d(root.child('deep'), middle, { channels: 8, stride: 2 });
      const options = {
        channels: 8,
        epsilon: 1e-3,
        norm: 'both',
        between: 'none',
        order: 'depthwise-first',
      } as const;
      const wide = separableConv2d(root.child('atrous'), deep, { ...options, rate: 2 });
      const whole = pooled
        ? add(
            root.child('sum'),
            wide,
            resizeLike(
              root.child('spread'),
              globalAveragePool(root.child('pool'), deep, { flatten: false }),
              wide,
              'half-pixel',
            ),
          )
        : wide;
      const up = resizeLike(root.child('up'), whole, low, 'half-pixel');
      return { logits: conv2d(root.child('logits'), up, { channels: 5, kernel: 1 }) };
    }),
  );

const preprocess: Preprocess = {
  size: { mode: 'original', multipleOf: 16 },
  fit: 'stretch',
  filter: 'bilinear-antialiased',
  channels: 'RGB',
  range: [0, 255],
  mean: [127.5, 127.5, 127.5],
  std: [127.5, 127.5, 127.5],
};

async function seen(
  model: Model,
  picture: readonly [number, number] | Pixels,
  options: ViewOptions,
  other: Partial<Preprocess> = {},
) {
  const session = await wasm({ threads: 1 }).load(model);
  const config = {
    preprocess: { ...preprocess, ...other },
    postprocess: { resize: 'half-pixel' },
  } as const;
  const { logits } = await look(
    { session, graph: model.graph, config },
    'data' in picture ? picture : testPicture(...picture),
    options,
  );
  await session.dispose();
  return logits;
}

describe('windows along an axis', () => {
  const sides = { extent: fc.integer({ min: 1, max: 3000 }), window: fc.integer({ min: 64, max: 1200 }) };
  const cut = fc.record({ ...sides, part: fc.double({ min: 0, max: 0.5, noNaN: true }) });
  test('cover it, begin on the grid, are equally long and overlap by enough', () => {
    fc.assert(
      fc.property(cut, ({ extent, window, part }) => {
        const overlap = Math.floor(window * part);
        const found = spans(extent, window, overlap);
        expect(found[0].begin).toBe(0);
        expect(found[found.length - 1].end).toBe(extent);
        const [{ end: length }] = found;
        expect(length).toBeLessThanOrEqual(Math.max(window, 32 + (extent % 32)));
        for (const [i, { begin, end }] of found.entries()) {
          expect([begin % 32, end - begin]).toEqual([0, length]);
          // where a window is hardly longer than the grid, that much is not to be had
          if (i > 0 && length - overlap > 64)
            expect(found[i - 1].end - begin).toBeGreaterThanOrEqual(overlap - 32);
        }
      }),
    );
  });
  test('count one at every place, together', () => {
    fc.assert(
      fc.property(cut, fc.integer({ min: 0, max: 60 }), ({ extent, window, part }, ramp) => {
        const logits = (pixels: number) => Math.ceil(pixels / 4);
        const sums = new Float32Array(logits(extent));
        for (const { begin, weights } of blendWeights(
          spans(extent, window, Math.max(4 * ramp, window * part)),
          ramp,
          logits,
        )) {
          for (const [j, weight] of weights.entries()) sums[begin + j] += weight;
        }
        for (const sum of sums) expect(sum).toBeCloseTo(1, 5);
      }),
    );
  });
});

describe('a picture seen by windows', () => {
  test('has the very logits of the whole where the network looks no further than the overlaps', async () => {
    const model = network(false);
    expect(cutWindows(model.graph, 400, 400, 160)).toMatchObject({ ramp: 0 });
    for (const picture of [
      [700, 410],
      [333, 90],
    ] as const) {
      const whole = await seen(model, picture, { window: false });
      expect(await seen(model, picture, { window: 160 })).toEqual(whole);
    }
  });
  test('has nearly those where something is pooled over the whole', async () => {
    const model = network(true);
    expect(cutWindows(model.graph, 400, 400, 160).ramp).toBeGreaterThan(0);
    // a pattern that is the same everywhere: so are the means of windows
    const data = Uint8Array.from({ length: 700 * 410 * 3 }, (_, i) => (i * i * 31 + i * 7) % 251);
    const picture = { width: 700, height: 410, data };
    const [whole, parts] = [await seen(model, picture, {}), await seen(model, picture, { window: 256 })];
    expect(parts.shape).toEqual(whole.shape);
    const largest = Math.max(...(whole.data as Float32Array).map(Math.abs));
    const differences = (whole.data as Float32Array).map(
      (value, i) => Math.abs(value - parts.data[i]) / largest,
    );
    expect(differences.some((difference) => difference > 0)).toBe(true);
    expect(differences.reduce((sum, value) => sum + value, 0) / differences.length).toBeLessThan(0.05);
  });
  test('says after each how many are through, of all views; an abort is heard before the next', async () => {
    const model = network(false);
    const told: number[][] = [];
    const onProgress = ({ done, total }: ViewProgress) => told.push([done, total]);
    await seen(model, [700, 410], { window: 256, flip: true, scales: [0.5, 1], onProgress });
    const [, total] = told[0];
    expect(total).toBeGreaterThan(6);
    expect(told).toEqual(Array.from({ length: total }, (_, i) => [i + 1, total]));

    const session = await wasm({ threads: 1 }).load(model);
    const config = { preprocess, postprocess: { resize: 'half-pixel' } } as const;
    const stop = new AbortController();
    let windows = 0;
    const options = {
      window: 160,
      onProgress() {
        if (++windows === 2) stop.abort(new Error('enough'));
      },
    };
    const looking = look(
      { session, graph: model.graph, config },
      testPicture(700, 410),
      options,
      stop.signal,
    );
    await expect(looking).rejects.toThrow('enough');
    expect(windows).toBe(2);
    await session.dispose();
  });
  test('padded, it is what is padded by hand, without the padding; by windows and mirrored, too', async () => {
    const model = network(false);
    const size = { mode: 'fixed', height: 320, width: 320 } as const;
    const whole = testPicture(320, 160);
    const other = { size, fit: 'pad', mean: [127, 127, 127] } as const;
    const logits = await seen(model, whole, {}, other);
    expect(logits.shape).toEqual([1, 40, 80, 5]);
    const byHand = new Uint8ClampedArray(320 * 320 * 4).fill(127);
    byHand.set(whole.data);
    for (let i = whole.data.length + 3; i < byHand.length; i += 4) byHand[i] = 255; // opaque
    const padded = await seen(
      model,
      { width: 320, height: 320, data: byHand },
      {},
      { ...other, fit: 'stretch' },
    );
    expect([...logits.data]).toEqual([...padded.data.subarray(0, 40 * 80 * 5)]);
    expect(await seen(model, whole, { window: 160 }, other)).toEqual(logits);
    const mirrored = await seen(model, whole, { flip: true }, other);
    expect(mirrored.shape).toEqual(logits.shape);
    expect(await seen(model, whole, { flip: true, window: 160 }, other)).toEqual(mirrored);
  });
  test.each([[false], [true]])(
    'has the label map of its logits, by bands of them; pooled: %s',
    async (pooled) => {
      const model = network(pooled);
      const session = await wasm({ threads: 1 }).load(model);
      for (const [width, height, multipleOf] of [
        [700, 410, 16],
        [90, 530, 32],
      ] as const) {
        const size = { mode: 'original', multipleOf } as const;
        const config = {
          preprocess: { ...preprocess, size },
          postprocess: { resize: 'half-pixel' },
        } as const;
        const picture = testPicture(width, height);
        const all = { session, graph: model.graph, config };
        const { logits } = await look(all, picture, { window: 160 });
        const right = labelMap(logits, { height, width, resize: 'half-pixel', confidence: true });
        const bands = await labelByBands(all, picture, { window: 160, confidence: true });
        expect([bands?.labels, bands?.confidence]).toEqual([right.labels, right.confidence]);
        expect(
          (await labelByBands(all, picture, { window: 160, confidence: false }))?.confidence,
        ).toBeUndefined();
        // only where windows are all that there is
        for (const options of [
          { window: false },
          { window: 160, flip: true },
          { window: 160, scales: [1, 2] },
        ] as const)
          expect(await labelByBands(all, picture, { ...options, confidence: false })).toBeUndefined();
      }
      await session.dispose();
    },
  );
  test('mirrored, it is what the mirrored whole is', async () => {
    const model = network(false);
    const whole = await seen(model, [700, 410], { window: false, flip: true });
    expect(await seen(model, [700, 410], { window: 160, flip: true })).toEqual(whole);
  });
});
