import { expectLabelMaps, geometries } from '@atrous/conformance';
import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import {
  activation,
  add,
  buildGraph,
  concat,
  conv2d,
  evaluate,
  imageInput,
  type Model,
  separableConv2d,
} from '@atrous/graph';
import { labelMap } from '@atrous/mask';
import { type Tensor, tensor } from '@atrous/tensor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDevice } from './check.ts';
import { hostOf } from './host.ts';
import { webgpu } from './node.ts';
import { webgpuRuntime } from './runtime_node.ts';
import type { WebGpuSession } from './session.ts';
import { openDevice, withoutDawn } from './test_device.ts';

const reason = await withoutDawn();

/** Heavy enough to be stopped on the way. */
const model: Model = filledModel(
  buildGraph(imageInput(), (root, { image }) => {
    const options = { epsilon: 1e-3, norm: 'both', between: 'none' } as const;
    let x = activation(root, conv2d(root.child('stem'), image, { channels: 36, stride: 2, kernel: 3 }));
    for (let i = 0; i < 6; i++) x = separableConv2d(root.child(`conv${i}`), x, { channels: 36, ...options });
    return { logits: conv2d(root.child('logits'), concat(root, [x, x]), { channels: 5 }), features: x };
  }),
);
const image = goldenImage([1, 21, 30, 3]);
const large = tensor('float32', [1, 130, 130, 3]);

describe.skipIf(reason)(reason ?? 'a session on Dawn', () => {
  let device: GPUDevice;
  let session: WebGpuSession;
  let expected: Record<string, Tensor>;
  const held = () => ({ ...hostOf(device).total });

  beforeAll(async () => {
    device = await openDevice();
    session = await webgpuRuntime({ device }).load(model);
    expected = await evaluate(model, { image });
  });
  afterAll(async () => {
    await session.dispose();
    device.destroy();
  });
  const expectRight = (values: Record<string, Tensor>) => {
    expect(Object.keys(values)).toEqual(Object.keys(expected));
    for (const [name, value] of Object.entries(values))
      expect(relativeError(value, expected[name]), name).toBeLessThan(1e-5);
  };

  test('gives copies, and takes sizes in any order', async () => {
    const first = await session.run({ image });
    const other = await session.run({ image: goldenImage([2, 9, 14, 3]) });
    expect(other.logits.shape).toEqual([2, 5, 7, 5]);
    expectRight(first);
    const many = Array.from({ length: 10 }, (_, i) => ({ image: goldenImage([1, 3 + i, 12 - i, 3]) }));
    const answers = await Promise.all(many.map((feeds) => session.run(feeds)));
    expect(answers[9].features.shape).toEqual([1, 6, 2, 36]);
    expectRight(await session.run({ image }));
  });

  test('stops when it is told to, and runs again', async () => {
    const stop = new AbortController();
    const running = session.run({ image: large }, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 30);
    await expect(running).rejects.toThrow('enough');
    await expect(session.run({ image }, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow(
      'before',
    );
    expectRight(await session.run({ image }));
  });

  test('leaves values on the device, and takes them from there', async () => {
    const before = held();
    const second = await webgpuRuntime({ device }).load(model, { outputs: ['conv0/depthwise'] });
    const values = await session.runOnDevice({ image });
    expect(values.logits.spec).toEqual({ dtype: 'float32', shape: [1, 11, 15, 5] });
    await session.run({ image: goldenImage([1, 30, 21, 3]) }); // writes over what the session holds
    expectRight({ logits: await values.logits.read(), features: await values.features.read() });

    const chain = await webgpuRuntime({ device }).load(geometries.get('activation: relu')!);
    const rgb = await chain.runOnDevice({ image });
    const negated = await chain.runOnDevice({ image: rgb.y });
    expect(await negated.y.read()).toEqual(await rgb.y.read());
    rgb.y.dispose();
    rgb.y.dispose();
    await expect(rgb.y.read()).rejects.toMatchObject({ code: 'disposed' });
    await expect(chain.runOnDevice({ image: rgb.y })).rejects.toMatchObject({ code: 'disposed' });

    const elsewhere = await openDevice();
    const foreign = await webgpuRuntime({ device: elsewhere }).load(geometries.get('activation: relu')!);
    const { y } = await foreign.runOnDevice({ image: negated.y }); // read back, and uploaded there
    expect(await y.read()).toEqual(await negated.y.read());
    elsewhere.destroy();

    for (const value of [negated.y, values.logits, values.features]) value.dispose();
    await Promise.all([second.dispose(), chain.dispose()]);
    expect(held()).toEqual({ bytes: held().bytes, count: before.count });
  });

  test('label maps equal those of mask to the bit, confidence to 1e-6', async () => {
    await expectLabelMaps(session);
    const { logits } = await session.runOnDevice({ image });
    const options = { height: 63, width: 90, resize: 'half-pixel' } as const;
    const { labels } = await session.labelMap(logits, options);
    expect(labels).toEqual(labelMap(await logits.read(), options).labels);
    const many = goldenImage([1, 3, 2, 300]);
    const bands = { height: 390, width: 410, resize: 'asymmetric' } as const; // more than one submit holds
    expect((await session.labelMap(many, bands)).labels).toEqual(labelMap(many, bands).labels);
    logits.dispose();
    await expect(session.labelMap(logits, options)).rejects.toMatchObject({ code: 'disposed' });
    await expect(session.labelMap(image, { ...options, height: 0 })).rejects.toMatchObject({ code: 'shape' });
  });

  test('one of two sessions on a device goes, the other stays; nothing is left of it', async () => {
    const before = held();
    const other = await webgpuRuntime({ device }).load(model);
    await other.run({ image });
    expect(other.memory).toBeGreaterThan(30_000);
    const running = other.run({ image: large });
    await Promise.all([other.dispose(), expect(running).rejects.toMatchObject({ code: 'disposed' })]);
    await other.dispose();
    expect(held()).toEqual(before);
    expect(other.memory).toBe(0);
    await expect(other.run({ image })).rejects.toMatchObject({ code: 'disposed' });
    expectRight(await session.run({ image }));
  });

  test('a network that is refused leaves nothing behind', async () => {
    const before = held();
    const broken: Model = {
      graph: model.graph,
      weights: {
        ...model.weights,
        read: async (name) => {
          const weight = await model.weights.read(name);
          if (name === 'conv3/pointwise/kernel') weight.data[5] = Number.NaN;
          return weight;
        },
      },
    };
    const loading = webgpuRuntime({ device }).load(broken);
    await expect(loading).rejects.toThrow('weight "conv3/pointwise/kernel": element 5 is NaN');
    const aborted = webgpuRuntime({ device }).load(model, { signal: AbortSignal.abort(new Error('enough')) });
    await expect(aborted).rejects.toThrow('enough');
    expect(held()).toEqual(before);
  });

  test.each(['float32', 'float16', 'int8'] as const)(
    'weights that no buffer holds are divided: %s',
    async (compute) => {
      const wide: Model = filledModel(
        buildGraph(imageInput(), (root, { image }) => {
          const options = { epsilon: 1e-3, norm: 'both', between: 'none' } as const;
          const x = activation(
            root,
            conv2d(root.child('stem'), image, { channels: 24, kernel: 3, bias: true }),
          );
          const y = conv2d(root.child('wide'), x, { channels: 130, kernel: 3, bias: true });
          const z = separableConv2d(root.child('both'), y, { channels: 130, ...options });
          return { logits: activation(root.child('end'), add(root, z, y)) };
        }),
      );
      const small = await openDevice();
      const limits = { maxBufferSize: 20_000, maxStorageBufferBindingSize: 20_000 };
      Object.defineProperty(small, 'limits', { value: limits });
      const divided = await webgpuRuntime({ device: small }).load(wide, { compute });
      const feeds = { image: goldenImage([1, 4, 5, 3]) };
      expect(divided.plan({ image: [1, 4, 5, 3] })).toMatch(/\d {2}wide .*\n\d {2}wide /);
      const [{ logits }, reference] = [await divided.run(feeds), await evaluate(wide, feeds, { compute })];
      expect(relativeError(logits, reference.logits)).toBeLessThan(1e-5);
      await divided.dispose();
      small.destroy();
    },
  );

  test('says how far compiling is', async () => {
    const seen: (readonly number[])[] = [];
    const onCompile = (...progress: number[]) => seen.push(progress);
    const other = await webgpuRuntime({ device }).load(model, { onCompile });
    expect(seen).toEqual([1, 2, 3, 4].map((done) => [done, 4]));
    await other.dispose();
  });

  test('says what it does', () => {
    const plan = session.plan({ image: [1, 64, 64, 3] });
    expect(plan).toMatch(
      /^1 {2}stem {2}product patches 8×2 {2}→ float32\[1,32,32,36\] {2}1\.0 M multiply-adds/,
    );
    expect(plan).toMatch(
      /\n10 dispatches of \d kernels, values in \d buffers of 0\.\d MB, moving \d\.\d MB$/,
    );
  });

  test('refuses what no buffer holds before anything grows, and what it cannot take', async () => {
    const before = held();
    const huge = { dtype: 'float32', shape: [1, 30000, 30000, 3], data: new Float32Array(0) } as const;
    await expect(session.run({ image: huge })).rejects.toMatchObject({ code: 'shape' });
    const wide = tensor('float32', [1, 2048, 2048, 3]);
    await expect(session.run({ image: wide })).rejects.toMatchObject({
      code: 'memory',
      message: expect.stringMatching(/needs a buffer of \d+\.\d MB, this GPU takes at most/),
    });
    const high = tensor('float32', [1, 140_000, 1, 3]);
    const alone = await webgpuRuntime({ device }).load(model, { outputs: ['conv0/depthwise'] });
    const loaded = held();
    await expect(alone.run({ image: high })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('gives float32[1,70000,1,36]: expected at most 65535 rows'),
    });
    expect(held()).toEqual(loaded);
    await alone.dispose();
    expect(held()).toEqual(before);
    await expect(session.run({})).rejects.toMatchObject({ code: 'input' });
    expectRight(await session.run({ image }));
  });
});

describe.skipIf(reason)(reason ?? 'a device is checked', () => {
  test('with subgroups and without, and one that computes wrong is refused', async () => {
    for (const features of [['subgroups'], []] as const) {
      const device = await openDevice(features);
      const host = hostOf(device);
      await checkDevice(host);
      expect(host.total).toEqual({ bytes: 0, count: 0 });
      if (features.length === 0) return device.destroy();
      const wrong: typeof host = {
        ...host,
        pipeline: (kernel) => {
          if (!kernel.key.startsWith('depthwise')) return host.pipeline(kernel);
          const code = () => kernel.code(true).replace('made1_0 +=', 'made1_0 -=');
          return host.pipeline({ ...kernel, key: 'wrong', code });
        },
      };
      await expect(checkDevice(wrong)).rejects.toMatchObject({
        code: 'unavailable',
        message: expect.stringMatching(
          /computes wrong numbers \(a small network is off by 0\.\d+, 0 of 1517 labels are others\)/,
        ),
      });
      const lower: typeof host = {
        ...host,
        pipeline: (kernel) => {
          const code = () => kernel.code(true).replace('next > largest', 'next < largest');
          return host.pipeline(
            kernel.key.startsWith('label map') ? { ...kernel, key: 'lower', code } : kernel,
          );
        },
      };
      await expect(checkDevice(lower)).rejects.toThrow(/ \d{3,4} of 1517 labels are others/);
      device.destroy();
    }
  });
});

describe.skipIf(reason)(reason ?? 'a device that goes away', () => {
  test('is replaced, and the run is repeated', async () => {
    const devices: GPUDevice[] = [];
    const make = async () => {
      devices.push(await openDevice());
      return devices[devices.length - 1];
    };
    const told: string[] = [];
    const runtime = webgpuRuntime({ device: make, onLost: (reason) => told.push(reason) });
    const [session, other] = await Promise.all([runtime.load(model), runtime.load(model)]);
    const expected = await session.run({ image });
    const values = await session.runOnDevice({ image });
    expect(devices).toHaveLength(1);

    const running = session.run({ image: large });
    setTimeout(() => devices[0].destroy(), 30);
    expect((await running).logits.shape).toEqual([1, 65, 65, 5]);
    expect(devices).toHaveLength(2);
    expect(await other.run({ image })).toEqual(expected);
    expect(devices).toHaveLength(2);
    await expect(values.logits.read()).rejects.toMatchObject({ code: 'device-lost' });
    await expect(
      session.labelMap(values.logits, { height: 9, width: 9, resize: 'half-pixel' }),
    ).rejects.toMatchObject({ code: 'device-lost' });

    devices[1].destroy(); // between two runs, of two sessions at once
    const answers = await Promise.all([session.run({ image }), other.run({ image })]);
    for (const answer of answers) expect(answer).toEqual(expected);
    expect(devices).toHaveLength(3);
    devices[2].destroy();
    const options = { height: 33, width: 47, resize: 'half-pixel' } as const;
    const { labels } = await session.labelMap(expected.logits, options);
    expect(labels).toEqual(labelMap(expected.logits, options).labels);

    devices[3].destroy(); // in the middle of a load
    const slow: Model = {
      graph: model.graph,
      weights: {
        ...model.weights,
        read: async (name) => {
          if (name === 'conv3/pointwise/kernel' && devices.length === 5) devices[4].destroy();
          return model.weights.read(name);
        },
      },
    };
    const third = await runtime.load(slow);
    expect(devices).toHaveLength(6);
    expect(await third.run({ image })).toEqual(expected);
    expect(told).toHaveLength(4); // once for each device, whatever runs on it; the fourth one's sessions wait for their next run
    expect(told[0]).toMatch(/destroy/i);
    await Promise.all([session, other, third].map((each) => each.dispose()));
    for (const device of devices) device.destroy();
  }, 300_000);

  test('is one for all that is loaded through a set', async () => {
    const devices: GPUDevice[] = [];
    const device = async () => {
      devices.push(await openDevice());
      return devices[devices.length - 1];
    };
    const { webgpu: bring } = webgpu({ device });
    const tiny = geometries.get('activation: relu')!;
    const sessions = await Promise.all([1, 2].map(async () => (await bring({})).load(tiny)));
    expect(devices).toHaveLength(1);
    await Promise.all(sessions.map((session) => session.dispose()));
    devices[0].destroy();
  });

  test('that was given by itself is asked for again', async () => {
    const device = await openDevice();
    const session = await webgpuRuntime({ device }).load(model);
    device.destroy();
    await expect(session.run({ image })).rejects.toMatchObject({
      code: 'device-lost',
      message: expect.stringContaining('give another one, or a function that makes one'),
    });
    await expect(webgpuRuntime({ device }).load(model)).rejects.toMatchObject({ code: 'device-lost' });
    await session.dispose();
  });
});

test.skipIf(reason)('a software adapter is refused unless it is allowed', async () => {
  const refused = {
    reason: expect.stringMatching(/only WebGPU adapter is a software one \((swiftshader|llvmpipe)/i),
  };
  const [bring] = Object.values(webgpu());
  expect(await (await bring({})).available()).toMatchObject(refused);
  await expect(webgpuRuntime().load(model)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await webgpuRuntime({ allowSoftware: true }).available()).toBe(true);
});

describe('a device of the app that is none', () => {
  test.each([7, null, {}, 'gpu'])('%s', (device) => {
    expect(() => webgpuRuntime({ device: device as never })).toThrow(
      expect.objectContaining({
        code: 'input',
        message: expect.stringMatching(/^device: expected a GPUDevice/),
      }),
    );
  });
  test('a function that fails, or makes something else', async () => {
    const failing = webgpuRuntime({ device: () => Promise.reject(new Error('no GPU today')) });
    await expect(failing.load(model)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'webgpu: the app makes no device: no GPU today',
    });
    const other = webgpuRuntime({ device: (async () => 7) as never });
    await expect(other.load(model)).rejects.toThrow('device: the function made 7, expected a GPUDevice');
    expect(() => webgpuRuntime({ onLost: 1 as never })).toThrow('onLost: expected a function');
    expect(() => webgpuRuntime({ allowSoftware: 1 as never })).toThrow(
      'allowSoftware: expected true or false',
    );
  });
});
