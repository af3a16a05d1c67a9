import { buildGraph, conv2d, type Graph, imageInput } from '@atrous/graph';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { median, timeNetworks } from './times.ts';

const graphOf = (kernel: number): Graph =>
  buildGraph(imageInput(), (root, { image }) => ({
    y: conv2d(root, image, { channels: 4, kernel, padding: [0, 0, 0, 0] }),
  }));
const networks = [
  { name: 'small', graph: graphOf(1) },
  { name: 'large', graph: graphOf(3) },
];
const { signal } = new AbortController();
const size = { height: 5, width: 6 };

test('each network runs once a round, and rounds before the first count for nothing', async () => {
  const order: string[] = [];
  const onRun = (network: string) => order.push(network);
  const timings = await timeNetworks(networks, 'reference', { size, runs: 3, signal, onRun });
  expect(order).toEqual(Array(5).fill(['small', 'large']).flat());
  for (const { runs, median: middle, runtime } of timings) {
    expect(runtime).toBe('reference');
    expect(runs).toHaveLength(3);
    expect(middle).toBe(runs.toSorted((a, b) => a - b)[1]);
  }
});

test('a network that cannot be loaded is left out, with the reason; the others run', async () => {
  const [good] = networks;
  const node = good.graph.nodes[0];
  const broken = { ...good.graph, nodes: [{ ...node, inputs: ['nowhere'] }] };
  const timings = await timeNetworks([{ name: 'broken', graph: broken }, good], 'wasm', {
    size,
    runs: 1,
    signal,
  });
  expect(timings[0].left).toContain('nowhere');
  expect(timings[0]).not.toHaveProperty('median');
  expect(timings[1].runs).toHaveLength(1);
});

test('an interrupt ends it', async () => {
  const controller = new AbortController();
  const onRun = () => controller.abort(new Error('stopped'));
  const timing = timeNetworks(networks, 'wasm', { size, runs: 3, signal: controller.signal, onRun });
  await expect(timing).rejects.toThrow('stopped');
});

test('the median lies in the middle', () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), (values) => {
      const middle = median(values);
      expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(values.length / 2);
      expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(values.length / 2);
    }),
  );
});
