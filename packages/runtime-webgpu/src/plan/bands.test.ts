import { geometries } from '@atrous/conformance';
import { filledModel, goldenImage } from '@atrous/golden';
import {
  activation,
  add,
  argMax,
  averagePool,
  buildGraph,
  concat,
  conv2d,
  globalAveragePool,
  imageInput,
  maxPool,
  multiply,
  resizeLike,
  separableConv2d,
  softmax,
} from '@atrous/graph';
import { labelMap } from '@atrous/mask';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Host, hostOf } from '../host.ts';
import { loadSession } from '../session.ts';
import { openDevice, withoutDawn } from '../test_device.ts';

const reason = await withoutDawn();

/** Every kind of step that works by rows: windows of all sorts, what is added or multiplied, resizes, and class ids. */
const model = filledModel(
  buildGraph(imageInput(), (root, { image }) => {
    const at = (name: string) => root.child(name);
    const separable = { channels: 12, epsilon: 1e-3, norm: 'both', between: 'none' } as const;
    const stem = activation(
      root,
      conv2d(at('stem'), image, { channels: 8, kernel: 3, stride: 2, bias: true }),
    );
    const wide = separableConv2d(at('wide'), stem, separable);
    const same = add(
      root,
      wide,
      separableConv2d(at('same'), activation(at('rectified'), wide), { ...separable, rate: 2 }),
    );
    const halved = separableConv2d(at('halved'), same, separable);
    const down = add(
      at('down'),
      halved,
      maxPool(at('largest'), same, { kernel: 3, stride: 1, padding: 'same' }),
    );
    const mean = averagePool(at('mean'), down, { kernel: 3, stride: 2, padding: 'same' });
    const gate = globalAveragePool(at('gate'), mean, { flatten: false });
    const gated = multiply(at('gated'), mean, gate);
    const up = ['half-pixel', 'align-corners', 'asymmetric'].map((convention, i) =>
      resizeLike(at(`up${i}`), gated, down, convention as 'half-pixel'),
    );
    const features = concat(root, [...up, down, down]);
    const logits = conv2d(at('logits'), features, { channels: 5, kernel: 3, bias: true });
    return { logits, probabilities: softmax(root, logits), ids: argMax(root, logits) };
  }),
);

describe.skipIf(reason)(reason ?? 'values larger than a kernel may read of a buffer', () => {
  let device: GPUDevice;
  beforeAll(async () => {
    device = await openDevice();
  });
  afterAll(() => device.destroy());
  /** The device as if it took no more. */
  const limited = (mostBytes: number): Host =>
    Object.create(hostOf(device), { mostBytes: { value: mostBytes } });

  test.each([
    // Rows that all begin at multiples of 256 bytes, and some of which every eighth or sixteenth does.
    {
      compute: 'float32',
      sizes: [
        [80, 16, 6],
        [131, 17, 36],
      ],
    },
    { compute: 'int8', sizes: [[80, 16, 6]] },
  ] as const)('$compute in bands is the whole, bit by bit', async ({ compute, sizes }) => {
    const whole = await loadSession(model, async () => hostOf(device), { compute });
    for (const [height, width, rows] of sizes) {
      const image = goldenImage([1, height, width, 3]);
      const mostBytes = rows * Math.ceil(width / 2) * 60 * 4; // of the widest value
      const banded = await loadSession(model, async () => limited(mostBytes), { compute });
      const shapes = { image: image.shape };
      const dispatches = (text: string) => text.split('\n').length;
      expect(dispatches(banded.plan(shapes))).toBeGreaterThan(dispatches(whole.plan(shapes)));
      expect(await banded.run({ image })).toEqual(await whole.run({ image }));
      await banded.dispose();
    }
    await whole.dispose();
  });

  test('label maps of logits in bands are those of mask', async () => {
    const session = await loadSession(model, async () => limited(20_000));
    const logits = goldenImage([1, 60, 50, 7]); // 96 kB
    const options = { height: 121, width: 77, resize: 'half-pixel', confidence: true } as const;
    const { labels, confidence } = await session.labelMap(logits, options);
    const expected = labelMap(logits, options);
    expect(labels).toEqual(expected.labels);
    const off = confidence!.map((value, i) => Math.abs(value - expected.confidence![i]));
    expect(Math.max(...off)).toBeLessThan(1e-6);
    await session.dispose();
  });

  test('what has to be seen whole, and a batch, say how much is too much', async () => {
    const pooled = geometries.get('global_average_pool: flat')!;
    const [input] = Object.keys(pooled.graph.inputs);
    const session = await loadSession(pooled, async () => limited(4096));
    expect(() => session.plan({ [input]: [1, 64, 64, 3] })).toThrow(
      /needs 0\.1 MB of a value at once, this GPU takes at most 0\.0 MB: try one picture at a time, a smaller one/,
    );
    await session.dispose();
    const batch = await loadSession(model, async () => limited(50_000));
    const image = goldenImage([2, 90, 40, 3]);
    await expect(batch.run({ image })).rejects.toMatchObject({ code: 'memory' });
    await batch.dispose();
  });
});
