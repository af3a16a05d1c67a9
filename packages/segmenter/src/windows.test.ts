import { filledModel } from '@atrous/golden';
import {
  add,
  buildGraph,
  conv2d,
  globalAveragePool,
  imageInput,
  type Model,
  multiply,
  type Runtime,
  resizeLike,
  type Scope,
  separableConv2d,
  type Value,
} from '@atrous/graph';
import { labelMap } from '@atrous/mask';
import { onnx } from '@atrous/runtime-onnx';
import { tfjs } from '@atrous/runtime-tfjs';
import { wasm } from '@atrous/runtime-wasm';
import { fromHalf, type Tensor, toHalf } from '@atrous/tensor';
import type { Preprocess } from '@atrous/zoo';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { featureMap } from './feature_map.ts';
import type { Pixels } from './pixels.ts';
import { pooledNetwork } from './pooled_network.ts';
import { dividePooled } from './pooled_parts.ts';
import { testPicture } from './test_pixels.ts';
import { labelByBands, look, planViews, type ViewOptions, type ViewProgress } from './views.ts';
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

/** Its kernels are timed once. */
const engine = wasm({ threads: 1 });

/** As the segmenter has it. */
const pooledOf = ({ graph, weights }: Model, runtime: Runtime) =>
  pooledNetwork(graph, (part) => runtime.load({ graph: part, weights }));

async function seen(
  model: Model,
  picture: readonly [number, number] | Pixels,
  options: ViewOptions,
  other: Partial<Preprocess> = {},
  runtime: Runtime = engine,
) {
  const session = await runtime.load(model);
  const pooled = pooledOf(model, runtime);
  const config = {
    preprocess: { ...preprocess, ...other },
    postprocess: { resize: 'half-pixel' },
  } as const;
  const { logits } = await look(
    planViews(
      { session, graph: model.graph, config, pooled },
      'data' in picture ? picture : testPicture(...picture),
      options,
    ),
  );
  await Promise.all([session.dispose(), pooled?.dispose()]);
  return logits;
}

/** As a share of the largest. */
function largestDifference({ data }: Tensor, whole: Tensor): number {
  const values = whole.data as Float32Array;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return values.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(data[i]))), 0) / largest;
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
  test('has those of the whole where something is pooled over it: the mean is shared', async () => {
    const model = network(true);
    for (const [picture, other] of [
      [[430, 90], {}],
      [[430, 300], { fit: 'pad', size: { mode: 'original', multipleOf: 32 } }],
    ] as const) {
      const whole = await seen(model, picture, { window: false }, other);
      const parts = await seen(model, picture, { window: 320 }, other);
      expect(parts.shape).toEqual(whole.shape);
      expect(largestDifference(parts, whole)).toBeLessThan(1e-5);
    }
    const flipped = await seen(model, [430, 300], { flip: true });
    expect(
      largestDifference(await seen(model, [430, 300], { flip: true, window: 320 }), flipped),
    ).toBeLessThan(1e-5);
  });
  test('is told in parts of a network without a decoder, and not of one that pools twice', async () => {
    const graph = buildGraph(imageInput(), (root, { image }) => {
      const deep = conv2d(root.child('deep'), conv2d(root.child('stem'), image, { channels: 6, stride: 2 }), {
        channels: 8,
        stride: 2,
      });
      const pool = globalAveragePool(root.child('pool'), deep, { flatten: false });
      const whole = add(root.child('sum'), deep, resizeLike(root.child('spread'), pool, deep, 'half-pixel'));
      return { logits: conv2d(root.child('logits'), whole, { channels: 3, kernel: 1 }) };
    });
    const model = filledModel(graph);
    expect(dividePooled(graph)).toMatchObject({ stride: 4, names: { features: 'deep', context: 'logits' } });
    expect(dividePooled(graph)?.decoder).toBeUndefined();
    const whole = await seen(model, [400, 300], { window: false });
    expect(largestDifference(await seen(model, [400, 300], { window: 128 }), whole)).toBeLessThan(1e-5);

    const twice = buildGraph(imageInput(), (root, { image }) => {
      const squeezed = (scope: Scope, value: Value) =>
        multiply(scope, value, globalAveragePool(scope.child('pool'), value, { flatten: false }));
      return {
        logits: squeezed(
          root.child('b'),
          squeezed(root.child('a'), conv2d(root.child('stem'), image, { channels: 6, stride: 2 })),
        ),
      };
    });
    expect(dividePooled(twice)).toBeUndefined();
    expect(dividePooled(network(false).graph)).toBeUndefined();
  });
  test.each(['onnx:native', 'onnx:wasm', 'tfjs:wasm'])('on %s, too', async (name) => {
    const model = network(true);
    const runtime = await { ...onnx(), ...tfjs() }[name]({ threads: 1 });
    const whole = await seen(model, [500, 300], { window: false });
    expect(
      largestDifference(await seen(model, [500, 300], { window: 320 }, {}, runtime), whole),
    ).toBeLessThan(1e-4);
  });
  test('keeps features of large pictures in half precision', () => {
    const values = Float32Array.from({ length: 3 * 4 * 2 }, (_, i) => 1 / (i + 1));
    const all = (length: number) => ({ begin: 0, weights: new Float32Array(length).fill(1) });
    const [exact, rounded] = [24, 23].map((most) => {
      const map = featureMap([3, 4, 2], most);
      map.put({ dtype: 'float32', shape: [1, 3, 4, 2], data: values }, all(3), all(4));
      return map;
    });
    const whole = [
      { begin: 0, end: 3 },
      { begin: 0, end: 4 },
    ] as const;
    expect(exact.under(...whole).data).toEqual(values);
    expect(rounded.under(...whole).data).toEqual(
      Float32Array.from(values, (value) => fromHalf(toHalf(value))),
    );
    expect(rounded.mean()).toEqual(exact.mean());
    expect([...exact.under({ begin: 1, end: 2 }, { begin: 2, end: 4 }).data]).toEqual([
      ...values.subarray(12, 16),
    ]);
  });
  test('says after each how many are through, of all views; an abort is heard before the next', async () => {
    const model = network(false);
    const told: number[][] = [];
    const onProgress = ({ done, total }: ViewProgress) => told.push([done, total]);
    await seen(model, [700, 410], { window: 256, flip: true, scales: [0.5, 1], onProgress });
    const [, total] = told[0];
    expect(total).toBeGreaterThan(6);
    expect(told).toEqual(Array.from({ length: total }, (_, i) => [i + 1, total]));

    const session = await engine.load(model);
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
      planViews({ session, graph: model.graph, config }, testPicture(700, 410), options, stop.signal),
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
    async (isPooled) => {
      const model = network(isPooled);
      const session = await engine.load(model);
      const pooled = pooledOf(model, engine);
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
        const all = { session, graph: model.graph, config, pooled };
        const { logits } = await look(planViews(all, picture, { window: 160 }));
        const right = labelMap(logits, { height, width, resize: 'half-pixel', confidence: true });
        const bands = await labelByBands(planViews(all, picture, { window: 160 }), { confidence: true });
        expect(bands?.labels).toEqual(right.labels);
        const off = right.confidence!.map((value, i) => Math.abs(value - bands!.confidence![i]));
        expect(off.reduce((most, value) => Math.max(most, value), 0)).toBeLessThan(1e-6);
        expect(
          (await labelByBands(planViews(all, picture, { window: 160 }), { confidence: false }))?.confidence,
        ).toBeUndefined();
        // only where windows are all that there is
        for (const options of [
          { window: false },
          { window: 160, flip: true },
          { window: 160, scales: [1, 2] },
        ] as const)
          expect(await labelByBands(planViews(all, picture, options), { confidence: false })).toBeUndefined();
      }
      await Promise.all([session.dispose(), pooled?.dispose()]);
    },
  );
  test('mirrored, it is what the mirrored whole is', async () => {
    const model = network(false);
    const whole = await seen(model, [700, 410], { window: false, flip: true });
    expect(await seen(model, [700, 410], { window: 160, flip: true })).toEqual(whole);
  });
});
