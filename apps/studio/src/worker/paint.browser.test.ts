import { tensor } from '@atrous/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Look, type Mode, modes } from '../look.ts';
import { canvasOf } from './canvas.ts';
import { paintWhole } from './export.ts';
import { type FoundScene, paint } from './paint.ts';
import { cutOutOf, dropSoft, softCutOf, soften } from './soft_cut.ts';

const [width, height] = [320, 600];
const stripPixels = width * 70;
const look: Look = {
  mode: 'overlay',
  opacity: 0.5,
  outline: true,
  palette: [
    [0, 0, 0],
    [255, 0, 0],
  ],
  hidden: [],
  backdrop: [0, 0, 255],
};
/** A still picture. */
let scene: FoundScene;
/** The same as a frame of a video. */
let frame: FoundScene;

beforeAll(async () => {
  const context = canvasOf(width, height);
  const gradient = context.createLinearGradient(0, 0, width, height);
  for (let i = 0; i <= 20; i++) gradient.addColorStop(i / 20, `hsl(${i * 97} 60% 50%)`);
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
  const picture = await createImageBitmap(context.canvas);
  const logits = tensor('float32', [1, 60, 32, 2]);
  for (let i = 0; i < 60 * 32; i++) logits.data[2 * i + 1] = Math.sin(i / 3);
  frame = { picture, found: { width, height, logits, resize: 'half-pixel', background: [0] } };
  scene = { ...frame, source: await context.canvas.convertToBlob() };
});

/** The largest one: a canvas may move between processor and GPU on the way, which differ in the last bit. */
const difference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe.each(
  (Object.keys(modes) as Mode[]).flatMap((mode) => [[mode, 'still'] as const, [mode, 'video'] as const]),
)('%s, %s', (mode, kind) => {
  const own = { ...look, mode };
  const shown = async (): Promise<FoundScene> => {
    const one = kind === 'still' ? scene : frame;
    await soften(one, own);
    return one;
  };

  test('written by strips, it is what is painted at once', async () => {
    const one = await shown();
    const view = { left: 0, top: 0, width, height, columns: width, rows: height };
    const written = paintWhole({ scene: one, look: own }, stripPixels).data;
    const whole = paint(one, own, view).getImageData(0, 0, width, height).data;
    expect(difference(whole, written)).toBeLessThanOrEqual(2);
  });

  test('a part is painted as it is in the whole', async () => {
    const one = await shown();
    const part = { left: 100, top: 300, width: 200, height: 200, columns: 200, rows: 200 };
    const all = { left: 0, top: 0, width, height, columns: width, rows: height };
    const whole = paint(one, own, all).getImageData(108, 308, 184, 184).data;
    const some = paint(one, own, part).getImageData(8, 8, 184, 184).data;
    expect(difference(whole, some)).toBeLessThanOrEqual(2);
  });
});

describe('soft edges', () => {
  const own: Look = { ...look, mode: 'cutout' };
  const view = { left: 0, top: 0, width, height, columns: width, rows: height };
  const alphaOf = (pixels: ArrayLike<number>) =>
    Uint8Array.from({ length: pixels.length / 4 }, (_, i) => pixels[4 * i + 3]);
  const painted = (one: FoundScene) => alphaOf(paint(one, own, view).getImageData(0, 0, width, height).data);
  const partly = (alpha: Uint8Array) => alpha.filter((value) => value > 0 && value < 255).length;

  test('a still picture is cut out as its file is, and a frame of a video along its label map', async () => {
    await soften(scene, own);
    await soften(frame, own);
    const file = await cutOutOf(scene.source!, scene.found, own.hidden);
    expect(difference(painted(scene), alphaOf(file.data))).toBeLessThanOrEqual(1);
    expect(partly(painted(scene))).toBeGreaterThan(1000);
    expect(partly(painted(frame))).toBe(0);
  });

  test('worked out once for each set of classes, and only for looks with an edge', async () => {
    const one: FoundScene = { ...scene, soft: undefined };
    await soften(one, { ...own, mode: 'overlay' });
    expect(one.soft).toBeUndefined();
    await soften(one, own);
    const first = softCutOf(one, own);
    await soften(one, { ...own, mode: 'replace' });
    expect(softCutOf(one, own)).toBe(first);
    expect(softCutOf(one, { hidden: [1] })).toBeUndefined();
    await soften(one, { ...own, hidden: [1] });
    expect(softCutOf(one, { hidden: [1] })).toBeDefined();
    expect(first!.width).toBe(0); // closed
  });

  test('what another model has found meanwhile is not overtaken by the one before', async () => {
    const one: FoundScene = { ...scene, soft: undefined };
    const late = soften(one, own);
    one.found = { ...scene.found };
    await late;
    expect(one.soft).toBeUndefined();
    await soften(one, own);
    expect(softCutOf(one, own)).toBeDefined();
    dropSoft(one);
    expect(one.soft).toBeUndefined();
  });

  test('what stands in front does not glow around itself where the background is out of focus', async () => {
    const canvas = canvasOf(width, height);
    canvas.fillStyle = 'rgb(0 0 255)';
    canvas.fillRect(0, 0, width, height);
    canvas.fillStyle = 'rgb(255 0 0)';
    canvas.fillRect(100, 200, 120, 200);
    const logits = tensor('float32', [1, 60, 32, 2]);
    for (let y = 0; y < 60; y++)
      for (let x = 0; x < 32; x++)
        logits.data[2 * (32 * y + x) + 1] = x >= 10 && x < 22 && y >= 20 && y < 40 ? 4 : -4;
    const picture = canvas.canvas.transferToImageBitmap();
    const found = { width, height, logits, resize: 'half-pixel', background: [0] } as const;
    for (const one of [
      { picture, found, source: new Blob() },
      { picture, found },
    ]) {
      await soften(one, { ...look, mode: 'blur' });
      const { data } = paint(one, { ...look, mode: 'blur' }, view).getImageData(0, 0, width, height);
      const red = (x: number, y: number) => data[4 * (y * width + x)];
      expect(red(160, 300)).toBeGreaterThan(250);
      for (const x of [70, 80, 90, 230, 240, 250]) expect(red(x, 300)).toBeLessThan(12);
    }
  });
});

test('left of the wipe stands the picture', () => {
  const view = { left: 0, top: 0, width, height: 100, columns: width, rows: 100 };
  const wiped = paint(scene, { ...look, mode: 'mask', wipe: 0.5 }, view).getImageData(0, 0, width, 1).data;
  const mask = paint(scene, { ...look, mode: 'mask' }, view).getImageData(0, 0, width, 1).data;
  const plain = paint({ picture: scene.picture }, look, view).getImageData(0, 0, width, 1).data;
  const left = 4 * (width / 2);
  expect(difference(wiped.slice(0, left), plain.slice(0, left))).toBeLessThanOrEqual(2);
  expect(difference(wiped.slice(left), mask.slice(left))).toBeLessThanOrEqual(2);
});

test('what is hidden is not drawn, and not cut out', () => {
  const view = { left: 0, top: 0, width, height: 100, columns: width, rows: 100 };
  const hidden = [1];
  const plain = paint({ picture: scene.picture }, look, view).getImageData(0, 0, width, 100).data;
  const drawn = paint(scene, { ...look, hidden: [0, 1], outline: true }, view).getImageData(
    0,
    0,
    width,
    100,
  ).data;
  expect(difference(drawn, plain)).toBeLessThanOrEqual(2);
  const cut = paint(scene, { ...look, mode: 'cutout', hidden }, view).getImageData(0, 0, width, 100).data;
  expect(cut.every((value) => value === 0)).toBe(true);
});
