import { webgpu } from '@atrous/runtime-webgpu';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { hostOf } from '../../runtime-webgpu/src/host.ts';
import { tinyFiles } from '../../zoo/src/test_model.ts';
import { Segmenter as InPage } from './browser.ts';
import { Segmenter } from './in_worker.ts';
import type { FrameLook } from './render.ts';
import { differenceOf, shownOn } from './test_canvas.ts';
import { testPicture } from './test_pixels.ts';

const createWorker = () => new Worker(new URL('./test_gpu_worker.ts', import.meta.url), { type: 'module' });

let files: File[];
let onCpu: InPage;
let onGpu: InPage;
let cpuWorker: Segmenter;
let gpuWorker: Segmenter;
beforeAll(async () => {
  files = await tinyFiles();
  const wasm = { runtime: 'wasm', threads: 1 } as const;
  onCpu = await InPage.load(files, wasm);
  onGpu = await InPage.load(files, { runtimes: [webgpu({ allowSoftware: true })], runtime: 'webgpu' });
  cpuWorker = await Segmenter.load(files, wasm);
  gpuWorker = await Segmenter.load(files, { createWorker, runtime: 'webgpu' });
});
afterAll(async () => {
  for (const each of [onCpu, onGpu, cpuWorker, gpuWorker]) await each.dispose();
});

const canvasOf = (width = 8, height = 8) =>
  Object.assign(document.createElement('canvas'), { width, height });
/** A canvas that shows what is drawn elsewhere: of what WebGPU has drawn on one of the page itself nothing can be read once it is shown. */
function shownCanvas(isWorker: boolean) {
  const shown = canvasOf();
  return { shown, canvas: isWorker ? shown : shown.transferControlToOffscreen() };
}
const picture = testPicture(64, 48);
const looks: readonly FrameLook[] = [
  { mode: 'overlay', outline: true },
  { mode: 'mask' },
  { mode: 'outline', hidden: ['dog'] },
  { mode: 'cutout' },
  { mode: 'blur' },
  { mode: 'replace', backdrop: [20, 120, 90] },
  { mode: 'confidence' },
];

/** Waits until a canvas shows another picture but for few numbers: what a worker draws is shown some frames later. */
async function expectShown(
  shown: HTMLCanvasElement,
  expected: HTMLCanvasElement | OffscreenCanvas,
  most: number,
  name = '',
): Promise<void> {
  await vi.waitFor(
    () => {
      expect([shown.width, shown.height]).toEqual([expected.width, expected.height]);
      const { worst, share } = differenceOf(shownOn(shown).data, shownOn(expected).data);
      expect(share, `${name} worst ${worst}`).toBeLessThan(most);
    },
    { timeout: 2000 },
  );
}

describe.each([
  ['webgpu', () => onGpu, false],
  ['webgpu, in a worker', () => gpuWorker, true],
  ['wasm, in a worker', () => cpuWorker, true],
] as const)('%s', (_, segmenterOf, isWorker) => {
  test.each(looks.map((look) => [look.mode, look] as const))('%s is what the CPU draws', async (_, look) => {
    const expected = canvasOf();
    await onCpu.render(picture, expected, look);
    const { canvas, shown } = shownCanvas(isWorker);
    const drawn = await segmenterOf().render(picture, canvas, look);
    expect([drawn.width, drawn.height, drawn.onGpu]).toEqual([64, 48, segmenterOf().runtime === 'webgpu']);
    await expectShown(shown, expected, 0.002); // labels may differ where classes are as good as equal
  });

  test('what a frame may be gives one picture', async () => {
    const expected = canvasOf();
    const opaque = { ...picture, data: picture.data.map((value, i) => (i % 4 === 3 ? 255 : value)) };
    const look = { mode: 'overlay' } as const;
    await onCpu.render(opaque, expected, look);
    const drawing = canvasOf(64, 48);
    drawing.getContext('2d')!.putImageData(new ImageData(Uint8ClampedArray.from(opaque.data), 64, 48), 0, 0);
    const frames = {
      pixels: opaque,
      canvas: drawing,
      bitmap: await createImageBitmap(drawing),
      'video frame': new VideoFrame(drawing, { timestamp: 0 }),
      file: await new Promise<Blob | null>((resolve) => drawing.toBlob(resolve)),
    };
    const { canvas, shown } = shownCanvas(isWorker);
    for (const [name, frame] of Object.entries(frames)) {
      await segmenterOf().render(frame!, canvas, look);
      await expectShown(shown, expected, 0.01, name);
    }
    frames.bitmap.close();
    frames['video frame'].close();
  });

  test('a canvas of another size, a picture behind, and a past of its own', async () => {
    const segmenter = segmenterOf();
    const behind = testPicture(31, 77, 3);
    const look = { mode: 'replace', backdrop: behind } as const;
    const options = { width: 50, height: 40, smoothing: 0.7 };
    const expected = canvasOf();
    const { canvas, shown } = shownCanvas(isWorker);
    await onCpu.render(picture, expected, look, options);
    await segmenter.render(picture, canvas, look, options);
    await expectShown(shown, expected, 0.002, 'a picture behind');
    const white = { ...picture, data: picture.data.map(() => 255) };
    const confidence = { mode: 'confidence' } as const;
    await onCpu.render(white, expected, confidence, options);
    await segmenter.render(white, canvas, confidence, options);
    await expectShown(shown, expected, 0.002, 'with a past');
    await onCpu.render(white, expected, confidence, { ...options, smoothing: 0 });
    await segmenter.render(white, canvas, confidence, { ...options, smoothing: 0 });
    await expectShown(shown, expected, 0.002, 'without');
  });

  test('what cannot be says so, and the next call is served', async () => {
    const segmenter = segmenterOf();
    const { canvas, shown } = shownCanvas(isWorker);
    const refused = [
      [picture, canvas, { mode: 'sepia' }, {}, /unknown look mode "sepia": expected one of overlay, mask/],
      [
        picture,
        canvas,
        { mode: 'blur', strength: 3 },
        {},
        /look strength: expected a number from 0.002 to 0.1, got 3/,
      ],
      [picture, canvas, { mode: 'overlay', hidden: ['horse'] }, {}, /look hidden: unknown class "horse"/],
      [picture, canvas, { mode: 'overlay' }, { smoothing: 1 }, /smoothing: expected at least 0/],
      [picture, canvas, { mode: 'overlay' }, { width: 0 }, /width: expected a whole number of pixels from 1/],
      ['cat.jpg', canvas, { mode: 'overlay' }, {}, /a URL is not read in browsers/],
      [picture, 'canvas', { mode: 'overlay' }, {}, /canvas: expected a canvas, got "canvas"/],
    ] as const;
    for (const [frame, on, look, options, message] of refused) {
      const drawing = segmenter.render(frame as never, on as never, look as never, options);
      await expect(drawing).rejects.toMatchObject({ code: 'input', message: expect.stringMatching(message) });
    }
    const taken = canvasOf();
    taken.getContext('webgl');
    await expect(segmenter.render(picture, taken, { mode: 'mask' })).rejects.toMatchObject({
      code: 'input',
      message: expect.stringContaining('canvas: it'),
    });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(segmenter.render(picture, canvas, { mode: 'mask' }, { signal })).rejects.toThrow('enough');
    await segmenter.render(picture, canvas, { mode: 'mask' });
    const expected = canvasOf();
    await onCpu.render(picture, expected, { mode: 'mask' });
    await expectShown(shown, expected, 0.002);
  });
});

test('a canvas that is with one worker is refused by another', async () => {
  const canvas = canvasOf();
  await gpuWorker.render(picture, canvas, { mode: 'mask' });
  await expect(cpuWorker.render(picture, canvas, { mode: 'mask' })).rejects.toMatchObject({
    code: 'input',
    message: expect.stringContaining('with the worker of another segmenter'),
  });
});

test('what is disposed of draws nothing', async () => {
  for (const load of [
    () => InPage.load(files, { runtimes: [webgpu({ allowSoftware: true })], runtime: 'webgpu' }),
    () => Segmenter.load(files, { runtime: 'wasm', threads: 1 }),
  ]) {
    const segmenter = await load();
    await segmenter.dispose();
    await expect(segmenter.render(picture, canvasOf(), { mode: 'mask' })).rejects.toMatchObject({
      code: 'disposed',
    });
  }
});

describe('on a device', () => {
  const devices: GPUDevice[] = [];
  const device = async () => {
    const adapter = await navigator.gpu.requestAdapter();
    devices.push(await adapter!.requestDevice());
    return devices[devices.length - 1];
  };
  const load = (from: () => Promise<GPUDevice>) =>
    InPage.load(files, { runtimes: [webgpu({ device: from })], runtime: 'webgpu' });
  /** All that is counted of a device. */
  const held = (on: GPUDevice) => {
    const { total, counts } = hostOf(on);
    return { ...total, ...counts };
  };
  afterAll(() => {
    for (const each of devices) each.destroy();
  });

  test('60 frames leave no buffer, no texture and no frame behind, and nothing is read back', async () => {
    const segmenter = await load(device);
    const on = devices[devices.length - 1];
    const canvas = canvasOf();
    const source = new OffscreenCanvas(64, 64);
    const context = source.getContext('2d')!;
    const draw = async (i: number) => {
      context.fillStyle = `hsl(${i * 20} 70% 50%)`;
      context.fillRect(0, 0, 64, 64);
      const frame = i % 2 ? new VideoFrame(source, { timestamp: i }) : source.transferToImageBitmap();
      const look = looks[i % looks.length];
      await segmenter.render(frame, canvas, look, { smoothing: 0.5 });
      frame.close();
    };
    const warm = 2 * looks.length;
    for (let i = 0; i < warm; i++) await draw(i);
    const before = held(on);
    for (let i = 0; i < 60; i++) await draw(i);
    expect(held(on)).toEqual(before);
    expect(before.readBacks).toBe(0);
    expect(before.textures).toBe(1);
    await segmenter.dispose();
    expect(held(on)).toEqual({ bytes: 0, count: 0, textures: 0, readBacks: 0 });
  });

  test('a device that is lost while frames are drawn is replaced, and what is drawn is right', async () => {
    const first = devices.length;
    const segmenter = await load(device);
    const expected = canvasOf();
    const { canvas, shown } = shownCanvas(false);
    const look = { mode: 'overlay', outline: true } as const;
    for (let i = 0; i < 6; i++) {
      const frame = testPicture(64, 48, i);
      const drawing = segmenter.render(frame, canvas, look);
      if (i === 3) devices[first].destroy();
      await drawing;
      await onCpu.render(frame, expected, look);
      await expectShown(shown, expected, 0.002, `frame ${i}`);
    }
    expect(devices.length - first).toBe(2);
    await segmenter.dispose();
  });

  test('of two segmenters on one device one is disposed of, and the other goes on', async () => {
    const one = await device();
    const [a, b] = [await load(async () => one), await load(async () => one)];
    const [on, other] = [shownCanvas(false), shownCanvas(false)];
    const expected = canvasOf();
    await onCpu.render(picture, expected, { mode: 'blur' });
    const drawing = Promise.all([
      a.render(picture, on.canvas, { mode: 'blur' }),
      b.render(picture, other.canvas, { mode: 'blur' }),
    ]);
    await drawing;
    await a.dispose();
    await b.render(picture, other.canvas, { mode: 'blur' });
    await expectShown(other.shown, expected, 0.002);
    await b.dispose();
    expect(held(one)).toMatchObject({ count: 0, textures: 0 });
  });
});
