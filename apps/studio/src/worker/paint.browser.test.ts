import { tensor } from '@atrous/tensor';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Look, type Mode, modes } from '../look.ts';
import { canvasOf } from './canvas.ts';
import { exportAs } from './export.ts';
import { type FoundScene, paint } from './paint.ts';

const [width, height] = [640, 7200]; // more than a strip
const classes = [
  { id: 0, name: 'background', color: '#000000' },
  { id: 1, name: 'disc', color: '#ff0000' },
];
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
  const source = await context.canvas.convertToBlob();
  const picture = await createImageBitmap(context.canvas);
  const logits = tensor('float32', [1, 72, 8, 2]);
  for (let i = 0; i < 72 * 8; i++) logits.data[2 * i + 1] = Math.sin(i / 3);
  scene = { source, picture, found: { width, height, logits, resize: 'half-pixel', background: 0 } };
});

const pixelsOf = (blob: Blob) =>
  createImageBitmap(blob).then((bitmap) => {
    const context = canvasOf(width, height);
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  });

describe.each(Object.keys(modes) as Mode[])('%s', (mode) => {
  test('written by strips, it is what is painted at once', async () => {
    const own = { ...look, mode };
    const view = { left: 0, top: 0, width, height, columns: width, rows: height };
    const written = await pixelsOf(await exportAs('view', { scene, name: 'x', classes, look: own }));
    const whole = paint(scene, own, view).getImageData(0, 0, width, height).data;
    const worst = whole.reduce((most, value, i) => Math.max(most, Math.abs(value - written[i])), 0);
    expect(worst).toBeLessThanOrEqual(2);
  });

  test('a part is painted as it is in the whole', () => {
    const own = { ...look, mode };
    const part = { left: 100, top: 3000, width: 300, height: 200, columns: 300, rows: 200 };
    const all = { left: 0, top: 0, width, height, columns: width, rows: height };
    const whole = paint(scene, own, all).getImageData(108, 3008, 284, 184).data;
    const some = paint(scene, own, part).getImageData(8, 8, 284, 184).data;
    const worst = whole.reduce((most, value, i) => Math.max(most, Math.abs(value - some[i])), 0);
    expect(worst).toBeLessThanOrEqual(2);
  });
});

test('left of the wipe stands the picture', () => {
  const view = { left: 0, top: 0, width, height: 100, columns: width, rows: 100 };
  const wiped = paint(scene, { ...look, mode: 'mask', wipe: 0.5 }, view).getImageData(0, 0, 640, 1).data;
  const mask = paint(scene, { ...look, mode: 'mask' }, view).getImageData(0, 0, 640, 1).data;
  const plain = paint({ picture: scene.picture }, look, view).getImageData(0, 0, 640, 1).data;
  expect(wiped.slice(0, 4 * 320)).toEqual(plain.slice(0, 4 * 320));
  expect(wiped.slice(4 * 320)).toEqual(mask.slice(4 * 320));
});

test('what is hidden is not drawn, and not cut out', () => {
  const view = { left: 0, top: 0, width, height: 100, columns: width, rows: 100 };
  const hidden = [1];
  const plain = paint({ picture: scene.picture }, look, view).getImageData(0, 0, 640, 100).data;
  const drawn = paint(scene, { ...look, hidden: [0, 1], outline: true }, view).getImageData(
    0,
    0,
    640,
    100,
  ).data;
  expect(drawn).toEqual(plain);
  const cut = paint(scene, { ...look, mode: 'cutout', hidden }, view).getImageData(0, 0, 640, 100).data;
  expect(cut.every((value) => value === 0)).toBe(true);
});
