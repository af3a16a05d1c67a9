import { labelMap } from '@atrous/mask';
import { type Session, type Tensor, tensor } from '@atrous/tensor';
import type { Preprocess } from '@atrous/zoo';
import { expect, test } from 'vitest';
import type { Pixels } from './pixels.ts';
import { look, planViews, type ViewOptions } from './views.ts';

/** Each pixel's red as the logit of the second class, at the input's own size; remembers the sizes that it saw. */
function redness(seenSizes: string[] = []): Session {
  return {
    inputs: {},
    outputs: {},
    async run({ image }: Record<string, Tensor>) {
      const [, height, width] = image.shape;
      seenSizes.push(`${width} × ${height}`);
      const data = new Float32Array(height * width * 2);
      for (let i = 0; i < height * width; i++) data[2 * i + 1] = image.data[3 * i] as number;
      return { logits: tensor('float32', [1, height, width, 2], data) };
    },
    dispose: async () => {},
  };
}

const preprocess: Preprocess = {
  size: { mode: 'fixed', height: 32, width: 64 },
  fit: 'stretch',
  filter: 'bilinear-antialiased',
  channels: 'RGB',
  range: [-4, 4],
  mean: [0, 0, 0],
  std: [1, 1, 1],
};

/** Red on the left, from black to red downwards elsewhere. */
const picture: Pixels = {
  width: 64,
  height: 32,
  data: Uint8Array.from({ length: 64 * 32 * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % 64, Math.floor(i / 192)];
    return i % 3 > 0 ? 0 : x < 20 ? 255 : y * 8;
  }),
};

const graph = { inputs: {}, nodes: [], outputs: {}, endpoints: {} };
const see = async (options: ViewOptions, sizes?: string[]) => {
  const config = { preprocess, postprocess: { resize: 'half-pixel' } } as const;
  return (await look(planViews({ session: redness(sizes), graph, config }, picture, options))).logits;
};

test('one view is what the network said', async () => {
  const logits = await see({ scales: [1] });
  expect([...new Set((logits.data as Float32Array).filter((_, i) => i % 2 === 0))]).toEqual([0]);
});

test('the mirrored view lies where the picture does: alone a network that sees pixels says the same', async () => {
  const [plain, both] = [await see({}), await see({ flip: true })];
  const resize = { height: 32, width: 64, resize: 'half-pixel', confidence: true } as const;
  const [a, b] = [labelMap(plain, resize), labelMap(both, resize)];
  expect(b.labels).toEqual(a.labels);
  for (const [i, value] of a.confidence!.entries()) expect(b.confidence![i]).toBeCloseTo(value, 5);
});

test('of several scales the mean probability is taken, at the size of the finest', async () => {
  const sizes: string[] = [];
  const logits = await see({ scales: [0.5, 2, 1], flip: true }, sizes);
  expect(sizes).toEqual(['128 × 64', '128 × 64', '64 × 32', '64 × 32', '32 × 16', '32 × 16']);
  expect(logits.shape).toEqual([1, 64, 128, 2]);
  const data = logits.data as Float32Array;
  for (let i = 0; i < data.length; i += 2)
    expect(Math.exp(data[i]) + Math.exp(data[i + 1])).toBeCloseTo(1, 5);
  // far from edges every scale sees the same red
  const at = (20 * 128 + 4) * 2;
  expect(data[at + 1] - data[at]).toBeCloseTo(4, 3);
});

test('an abort stops it between two views', async () => {
  const stop = new AbortController();
  const session = redness();
  const config = { preprocess, postprocess: { resize: 'half-pixel' } } as const;
  const stopping: Session = {
    ...session,
    run(feeds) {
      stop.abort();
      return session.run(feeds);
    },
  };
  const given = look(planViews({ session: stopping, graph, config }, picture, { flip: true }, stop.signal));
  await expect(given).rejects.toThrow('aborted');
});
