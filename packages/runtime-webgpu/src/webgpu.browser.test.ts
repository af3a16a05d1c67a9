import { conformance, geometries, randomGraph } from '@atrous/conformance';
import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { evaluate } from '@atrous/graph';
import { labelMap } from '@atrous/mask';
import { expect, test } from 'vitest';
import { webgpu } from './browser.ts';
import { webgpuRuntime } from './runtime_browser.ts';

const runtime = webgpuRuntime({ allowSoftware: true });

test('auto never takes the software adapter: it says that it is one', async () => {
  const refused = { reason: expect.stringContaining('software') };
  const [bring] = Object.values(webgpu());
  expect(await (await bring({})).available()).toMatchObject(refused);
  await expect(webgpuRuntime().load(geometries.get('add')!)).rejects.toMatchObject({ code: 'unavailable' });
});

conformance(runtime, { sizes: [[1, 9, 12]] });

test.each([1, 2, 3, 5, 8, 13])('random graph %d equals the reference', async (seed) => {
  const model = filledModel(randomGraph(seed));
  const session = await runtime.load(model);
  const feeds = { image: goldenImage([2, 13, 18, model.graph.inputs.image.shape[3]!]) };
  const [actual, expected] = [await session.run(feeds), await evaluate(model, feeds)];
  for (const name of ['last', 'inner', 'logits'])
    expect(relativeError(actual[name], expected[name]), name).toBeLessThan(1e-5);
  await session.dispose();
});

test('label maps equal those of mask, from values that stay on the device', async () => {
  const session = await runtime.load(geometries.get('conv2d: many channels')!);
  const { y } = await session.runOnDevice({ image: goldenImage([1, 9, 12, 3]) });
  for (const resize of ['half-pixel', 'align-corners', 'asymmetric'] as const) {
    const options = { height: 67, width: 50, resize, confidence: true };
    const [actual, expected] = [await session.labelMap(y, options), labelMap(await y.read(), options)];
    expect(actual.labels).toEqual(expected.labels);
    actual.confidence!.forEach((value, i) => {
      expect(Math.abs(value - expected.confidence![i])).toBeLessThan(1e-6);
    });
  }
  y.dispose();
  await session.dispose();
});

test('a device that is lost is replaced', async () => {
  const devices: GPUDevice[] = [];
  const device = async () => {
    const adapter = await navigator.gpu.requestAdapter();
    devices.push(await adapter!.requestDevice());
    return devices[devices.length - 1];
  };
  const session = await webgpuRuntime({ device }).load(geometries.get('separable convolution')!);
  const feeds = { image: goldenImage([1, 9, 12, 3]) };
  const before = await session.run(feeds);
  const running = session.run(feeds);
  devices[0].destroy();
  expect(await running).toEqual(before);
  expect(devices).toHaveLength(2);
  await session.dispose();
  devices[1].destroy();
});
