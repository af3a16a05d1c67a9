import { drawLook, drawnLook, type Look, type LookMode } from '@atrous/mask';
import { tensor } from '@atrous/tensor';
import type { ModelDescription } from '@atrous/zoo';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBuffers } from '../../runtime-webgpu/src/buffers.ts';
import { packValue, readBytes } from '../../runtime-webgpu/src/device_tensor.ts';
import { type Host, hostOf } from '../../runtime-webgpu/src/host.ts';
import { createDrawer } from '../../runtime-webgpu/src/render/drawer.ts';
import { openDevice, withoutDawn } from '../../runtime-webgpu/src/test_device.ts';
import { planFrame, taskOf } from './frame_task.ts';
import { ofPicture } from './padding.ts';
import type { Preparation as Preprocess } from './placement.ts';
import { placeInput } from './placement.ts';
import { prepare } from './prepare.ts';
import { testPicture } from './test_pixels.ts';

const reason = await withoutDawn();

const classes = [
  { id: 0, name: 'background', color: '#000000' },
  { id: 1, name: 'cat', color: '#ff8000' },
  { id: 2, name: 'dog', color: '#0080ff' },
  { id: 3, name: 'cow', color: '#20c040' },
];

const common: Preprocess = {
  size: { mode: 'longest-side', pixels: 64, multipleOf: 16 },
  fit: 'stretch',
  filter: 'bilinear-antialiased',
  channels: 'RGB',
  range: [0, 255],
  mean: [127.5, 120, 110],
  std: [127.5, 64, 58],
};
/** Every word that a config may say of preparing, at least once. */
const preparations: Readonly<Record<string, Preprocess>> = {
  'stretched, longest side': common,
  'stretched, shortest side, BGR': {
    ...common,
    size: { mode: 'shortest-side', pixels: 48, multipleOf: 1 },
    channels: 'BGR',
  },
  'at its own size': {
    ...common,
    size: { mode: 'original', multipleOf: 8 },
    range: [-1, 1],
    mean: [0, 0, 0],
    std: [1, 1, 1],
  },
  'fixed, not antialiased': { ...common, size: { mode: 'fixed', height: 33, width: 49 }, filter: 'bilinear' },
  'fixed, padded': { ...common, size: { mode: 'fixed', height: 65, width: 65 }, fit: 'pad' },
  'padded to a multiple': {
    ...common,
    size: { mode: 'longest-side', pixels: 60, multipleOf: 32 },
    fit: 'pad',
  },
  cropped: {
    ...common,
    size: { mode: 'fixed', height: 40, width: 40 },
    fit: { crop: 0.8 },
    range: [0, 1],
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
  grey: { ...common, channels: 'grey', mean: [100], std: [50] },
  'larger than it is': { ...common, size: { mode: 'longest-side', pixels: 320, multipleOf: 16 } },
};

/** Logits of waves: areas of every class, borders between all of them, and doubt. */
const waves = (height: number, width: number, phase = 0) =>
  tensor(
    'float32',
    [1, height, width, classes.length],
    Float32Array.from({ length: height * width * classes.length }, (_, i) => {
      const [pixel, c] = [Math.floor(i / classes.length), i % classes.length];
      return (
        4 *
        Math.sin(
          (pixel % width) * (0.3 + 0.1 * c) + Math.floor(pixel / width) * 0.4 * (c - 1) + c * 2 + phase,
        )
      );
    }),
  );

describe.skipIf(reason)(reason ?? 'on a device', () => {
  let host: Host;
  beforeAll(async () => {
    host = hostOf(await openDevice());
  });
  afterAll(() => host.device.destroy());

  /** A texture in place of a canvas, and what is on it. */
  function easel() {
    const usage = 0x10 | 0x1; // RENDER_ATTACHMENT, COPY_SRC
    let texture: GPUTexture | undefined;
    return {
      format: 'rgba8unorm' as const,
      view(width: number, height: number) {
        texture?.destroy();
        texture = host.device.createTexture({ size: [width, height], format: 'rgba8unorm', usage });
        return texture.createView();
      },
      async read() {
        const { width, height } = texture!;
        const bytesPerRow = Math.ceil((4 * width) / 256) * 256;
        const buffers = createBuffers(host.device, host.total);
        const copied = buffers.create(bytesPerRow * height, 'storage', 'a picture');
        const encoder = host.device.createCommandEncoder();
        encoder.copyTextureToBuffer({ texture: texture! }, { buffer: copied, bytesPerRow }, [width, height]);
        host.device.queue.submit([encoder.finish()]);
        const [bytes] = await readBytes(host, buffers, [{ buffer: copied, bytes: bytesPerRow * height }]);
        buffers.freeAll();
        const rows = Array.from(
          { length: height },
          (_, y) => new Uint8Array(bytes, y * bytesPerRow, 4 * width),
        );
        return Uint8Array.from(rows.flatMap((row) => [...row]));
      },
    };
  }

  /** What a canvas holds of colours whose alpha is not multiplied in. */
  const premultiplied = (data: Uint8ClampedArray) =>
    data.map((value, i) => (i % 4 === 3 ? value : (value * data[i - (i % 4) + 3]) / 255));

  function expectSamePicture(actual: Uint8Array, expected: Uint8ClampedArray, most = 2) {
    expect(actual.length).toBe(expected.length);
    let worst = 0;
    for (let i = 0; i < actual.length; i++) worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
    expect(worst).toBeLessThanOrEqual(most);
  }

  test.each(Object.entries(preparations))(
    'a frame prepared, %s, is what `prepare` makes of it',
    async (_, preprocess) => {
      const frame = testPicture(150, 91);
      const plan = planFrame(frame, { preprocess, postprocess: { resize: 'half-pixel' } });
      const expected = prepare(frame, preprocess);
      const drawer = createDrawer(host);
      const look = drawnLook({ mode: 'overlay' }, classes);
      const buffers = createBuffers(host.device, host.total);
      await drawer.draw(frame, easel(), taskOf(plan, frame, look, 0, undefined), async (input) => {
        expect(input.spec).toEqual({ dtype: 'float32', shape: expected.shape });
        const packed = packValue(expected);
        const target = buffers.create(packed.byteLength, 'storage', 'an input');
        const encoder = host.device.createCommandEncoder();
        input.encode(encoder, target);
        host.device.queue.submit([encoder.finish()]);
        const [bytes] = await readBytes(host, buffers, [{ buffer: target, bytes: packed.byteLength }]);
        const actual = new Float32Array(bytes);
        const worst = packed.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i])), 0);
        expect(worst).toBeLessThan(1e-5);
        const logits = waves(7, 9);
        const given = buffers.create(packValue(logits).byteLength, 'storage', 'logits');
        host.device.queue.writeBuffer(given, 0, packValue(logits));
        return { buffer: given, spec: logits };
      });
      drawer.dispose();
      buffers.freeAll();
    },
  );

  const colours = {
    width: 90,
    height: 70,
    data: testPicture(90, 70, 5).data.map((value, i) => (i % 4 === 3 ? 255 : value)),
  };
  const looks: readonly (Look & { readonly picture?: boolean })[] = [
    { mode: 'overlay' },
    { mode: 'overlay', opacity: 0.8, outline: true, hidden: [2], wipe: 0.3 },
    {
      mode: 'overlay',
      palette: [
        [10, 20, 30],
        [200, 100, 0],
      ],
    },
    { mode: 'mask', hidden: [1] },
    { mode: 'outline' },
    { mode: 'cutout' },
    { mode: 'cutout', softness: 0, hidden: [3] },
    { mode: 'blur' },
    { mode: 'blur', strength: 0.05, softness: 1 },
    { mode: 'replace', backdrop: [38, 132, 99] },
    { mode: 'replace', picture: true },
    { mode: 'confidence', wipe: 0.5 },
  ];

  /** Draws frames one after the other on one surface. */
  async function drawn(
    frames: readonly {
      readonly width: number;
      readonly height: number;
      readonly data: Uint8Array | Uint8ClampedArray;
    }[],
    logits: readonly ReturnType<typeof waves>[],
    size: { readonly width: number; readonly height: number },
    { picture, ...look }: Look & { readonly picture?: boolean },
    config: Pick<ModelDescription, 'preprocess' | 'postprocess'>,
    smoothing = 0,
  ) {
    const drawer = createDrawer(host);
    const surface = easel();
    const buffers = createBuffers(host.device, host.total);
    const plan = planFrame(frames[0], config);
    const task = taskOf(plan, size, drawnLook(look, classes), smoothing, picture ? colours : undefined);
    for (const [i, frame] of frames.entries()) {
      await drawer.draw(frame, surface, task, async () => {
        const packed = packValue(logits[i]);
        const buffer = buffers.create(packed.byteLength, 'storage', 'logits');
        host.device.queue.writeBuffer(buffer, 0, packed);
        return { buffer, spec: logits[i] };
      });
    }
    const pixels = await surface.read();
    drawer.dispose();
    buffers.freeAll();
    return pixels;
  }

  const sizes = [
    ['of the frame’s size', { width: 90, height: 70 }],
    ['of another size', { width: 61, height: 83 }],
  ] as const;
  test.each(
    looks.flatMap((look) => sizes.map(([name, size]) => [JSON.stringify(look), name, look, size] as const)),
  )('%s on a canvas %s is what `drawLook` draws', async (_, _name, { picture, ...look }, size) => {
    if (picture && size.width !== colours.width) return;
    for (const resize of ['half-pixel', 'align-corners'] as const) {
      const frame = testPicture(90, 70);
      const logits = waves(13, 17);
      const config = { preprocess: common, postprocess: { resize } };
      const actual = await drawn([frame], [logits], size, { ...look, picture }, config);
      const backdrop = picture ? colours : undefined;
      const expected = drawLook(
        { picture: frame, logits, resize, ...size, backdrop },
        drawnLook(look, classes),
      );
      expectSamePicture(actual, premultiplied(expected.data));
    }
  });

  test('the past has its share', async () => {
    const frame = testPicture(90, 70);
    const logits = [waves(13, 17), waves(13, 17, 1), waves(13, 17, 2)];
    const config = { preprocess: common, postprocess: { resize: 'half-pixel' as const } };
    const look = { mode: 'confidence' as LookMode };
    const actual = await drawn([frame, frame, frame], logits, frame, look, config, 0.6);
    const blended = logits.reduce((past, now) => ({
      ...now,
      data: now.data.map((value, i) => value + (past.data[i] - value) * 0.6),
    }));
    const expected = drawLook(
      { picture: frame, logits: blended, resize: 'half-pixel', ...frame },
      drawnLook(look, classes),
    );
    expectSamePicture(actual, premultiplied(expected.data), 3);
  });

  test.each(['half-pixel', 'align-corners', 'asymmetric'] as const)(
    'of a padded frame its own logits are drawn, %s',
    async (resize) => {
      const frame = testPicture(90, 70);
      const preprocess: Preprocess = {
        ...common,
        size: { mode: 'fixed', height: 65, width: 97 },
        fit: 'pad',
      };
      const logits = waves(17, 25);
      const look = { mode: 'blur' as const };
      const actual = await drawn([frame], [logits], frame, look, { preprocess, postprocess: { resize } });
      const own = ofPicture(logits, placeInput(preprocess, frame), resize, false);
      expect(own.shape).not.toEqual(logits.shape);
      const expected = drawLook({ picture: frame, logits: own, resize, ...frame }, drawnLook(look, classes));
      expectSamePicture(actual, premultiplied(expected.data));
    },
  );

  test('nothing is made for a second frame of a size, and nothing is left in the end', async () => {
    const before = { ...host.total, ...host.counts };
    const drawer = createDrawer(host);
    const surface = easel();
    const buffers = createBuffers(host.device, host.total);
    const frame = testPicture(90, 70);
    const plan = planFrame(frame, { preprocess: common, postprocess: { resize: 'half-pixel' } });
    const packed = packValue(waves(13, 17));
    const buffer = buffers.create(packed.byteLength, 'storage', 'logits');
    const draw = (look: Look, size = frame) =>
      drawer.draw(frame, surface, taskOf(plan, size, drawnLook(look, classes), 0.5, undefined), async () => ({
        buffer,
        spec: { dtype: 'float32', shape: [1, 13, 17, 4] },
      }));
    const modes = ['overlay', 'mask', 'outline', 'cutout', 'blur', 'replace', 'confidence'] as const;
    for (const mode of modes) await draw({ mode });
    const held = { ...host.total, ...host.counts };
    for (const mode of modes) await draw({ mode });
    expect({ ...host.total, ...host.counts }).toEqual(held);
    expect(held.textures).toBe(before.textures + 1);
    expect(held.readBacks).toBe(before.readBacks);
    await draw({ mode: 'blur' }, testPicture(40, 30));
    expect(host.total.bytes).toBeLessThan(held.bytes);
    drawer.dispose();
    buffers.freeAll();
    expect({ ...host.total, ...host.counts }).toEqual(before);
  });
});
