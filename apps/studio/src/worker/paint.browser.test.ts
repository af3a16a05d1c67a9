import { tensor } from '@atrous/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Look, type Mode, modes } from '../look.ts';
import { canvasOf } from './canvas.ts';
import { paintWhole } from './export.ts';
import { type FoundScene, paint } from './paint.ts';

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
let scene: FoundScene;

beforeAll(async () => {
  const context = canvasOf(width, height);
  const gradient = context.createLinearGradient(0, 0, width, height);
  for (let i = 0; i <= 20; i++) gradient.addColorStop(i / 20, `hsl(${i * 97} 60% 50%)`);
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
  const picture = await createImageBitmap(context.canvas);
  const logits = tensor('float32', [1, 60, 32, 2]);
  for (let i = 0; i < 60 * 32; i++) logits.data[2 * i + 1] = Math.sin(i / 3);
  scene = { picture, found: { width, height, logits, resize: 'half-pixel', background: 0 } };
});

/** The largest one: a canvas may move between processor and GPU on the way, which differ in the last bit. */
const difference = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

describe.each(Object.keys(modes) as Mode[])('%s', (mode) => {
  test('written by strips, it is what is painted at once', () => {
    const own = { ...look, mode };
    const view = { left: 0, top: 0, width, height, columns: width, rows: height };
    const written = paintWhole({ scene, look: own }, stripPixels).data;
    const whole = paint(scene, own, view).getImageData(0, 0, width, height).data;
    expect(difference(whole, written)).toBeLessThanOrEqual(2);
  });

  test('a part is painted as it is in the whole', () => {
    const own = { ...look, mode };
    const part = { left: 100, top: 300, width: 200, height: 200, columns: 200, rows: 200 };
    const all = { left: 0, top: 0, width, height, columns: width, rows: height };
    const whole = paint(scene, own, all).getImageData(108, 308, 184, 184).data;
    const some = paint(scene, own, part).getImageData(8, 8, 184, 184).data;
    expect(difference(whole, some)).toBeLessThanOrEqual(2);
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
