import { tensor } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { labelMap } from '../label_map.ts';
import { overlay } from '../render.ts';
import { drawLook } from './draw.ts';
import { drawnLook, type Look } from './look.ts';

const classes = [
  { id: 0, name: 'background', color: '#000000' },
  { id: 1, name: 'cat', color: '#c86400' },
  { id: 2, name: 'dog', color: '#0064c8' },
];
const [width, height] = [32, 16];

/** Left is background and white, right is a class and red; the logits are sure but for the columns between. */
const picture = {
  width,
  height,
  data: Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
    i % 4 === 0 || i % 4 === 3 || Math.floor(i / 4) % width < 16 ? 255 : 0,
  ),
};
const sure = (right: number) =>
  tensor(
    'float32',
    [1, height, width, 3],
    Float32Array.from({ length: width * height * 3 }, (_, i) => {
      const x = Math.floor(i / 3) % width;
      return i % 3 === (x < 16 ? 0 : right) ? 12 : 0;
    }),
  );

const draw = (look: Look, logits = sure(1), backdrop?: typeof picture) =>
  drawLook(
    { picture, logits, resize: 'half-pixel', width, height, ...(backdrop && { backdrop }) },
    drawnLook(look, classes),
  );
const at = ({ data }: { data: ArrayLike<number> }, x: number, y = 8) =>
  Array.from(data).slice(4 * (y * width + x), 4 * (y * width + x) + 4);

test('an overlay without borders is that of `overlay`, its background left out', () => {
  const { labels } = labelMap(sure(1), { width, height, resize: 'half-pixel' });
  const palette = [
    [0, 0, 0],
    [200, 100, 0],
    [0, 100, 200],
  ] as const;
  const expected = overlay(picture, labels, palette, { opacity: 0.3, hidden: [0] });
  expect(draw({ mode: 'overlay', opacity: 0.3 }).data).toEqual(expected.data);
});

test('borders are full colour on two pixels of either side, and those of hidden classes are none', () => {
  const drawn = draw({ mode: 'outline' });
  expect([15, 16, 17, 18].map((x) => at(drawn, x).slice(0, 3))).toEqual([
    [255, 255, 255],
    [200, 100, 0],
    [200, 100, 0],
    [255, 0, 0],
  ]);
  expect(draw({ mode: 'outline', hidden: [1] }).data).toEqual(picture.data);
});

test('a mask is its classes’ colours, transparent where one is hidden', () => {
  expect(at(draw({ mode: 'mask' }), 4)).toEqual([0, 0, 0, 255]);
  expect(at(draw({ mode: 'mask' }), 20)).toEqual([200, 100, 0, 255]);
  expect(at(draw({ mode: 'mask', hidden: [1] }), 20)).toEqual([0, 0, 0, 0]);
});

test('a cut-out keeps what is no background and not hidden', () => {
  const drawn = draw({ mode: 'cutout' });
  expect([at(drawn, 4)[3], at(drawn, 20)]).toEqual([0, [255, 0, 0, 255]]);
  expect(at(draw({ mode: 'cutout', hidden: [1] }), 20)[3]).toBe(0);
  expect(at(draw({ mode: 'cutout', hidden: [1] }, sure(2)), 20)[3]).toBe(255);
});

test('what is half sure is half there, the more so the softer edges are', () => {
  const doubt = (value: number) => {
    const logits = sure(1);
    for (let i = 0; i < logits.data.length; i += 3) logits.data.set([0, value, -20], i);
    return logits;
  };
  const alpha = (softness: number, share: number) =>
    at(draw({ mode: 'cutout', softness }, doubt(Math.log(share / (1 - share)))), 20)[3];
  expect(alpha(0.5, 0.6)).toBeCloseTo(127.5, -0.5);
  expect([alpha(0, 0.59), alpha(0, 0.61)]).toEqual([0, 255]);
  expect(alpha(1, 0.7)).toBeLessThan(alpha(0.3, 0.7));
});

test('a background out of focus does not glow of what stands before it', () => {
  const drawn = draw({ mode: 'blur', strength: 0.1 });
  for (let x = 0; x < 14; x++) expect(Math.min(...at(drawn, x)), `column ${x}`).toBeGreaterThan(240);
  expect(at(drawn, 20)).toEqual([255, 0, 0, 255]);
});

test('a colour or a picture stands behind, and a wipe shows the frame', () => {
  expect(at(draw({ mode: 'replace', backdrop: [1, 2, 3] }), 4)).toEqual([1, 2, 3, 255]);
  const behind = { width, height, data: picture.data.map((_, i) => (i % 4 === 3 ? 255 : 77)) };
  expect(at(draw({ mode: 'replace' }, sure(1), behind), 4)).toEqual([77, 77, 77, 255]);
  const wiped = draw({ mode: 'mask', wipe: 0.75 });
  expect([at(wiped, 23), at(wiped, 24)]).toEqual([
    [255, 0, 0, 255],
    [200, 100, 0, 255],
  ]);
});

test('confidence is a colour from low to high', () => {
  expect(at(draw({ mode: 'confidence' }), 20)).toEqual([253, 231, 37, 255]);
  const even = tensor('float32', [1, 1, 1, 3]);
  expect(at(draw({ mode: 'confidence' }, even), 20)).toEqual([49, 102, 141, 255]); // a third: two thirds of the way from the third stop to the fourth
});

test('another size is drawn from between the frame’s pixels', () => {
  const half = drawLook(
    { picture, logits: sure(1), resize: 'half-pixel', width: 16, height: 8 },
    drawnLook({ mode: 'cutout' }, classes),
  );
  expect([half.width, half.height, half.data.length]).toEqual([16, 8, 512]);
  expect(Array.from(half.data.slice(4 * (4 * 16 + 12), 4 * (4 * 16 + 12) + 4))).toEqual([255, 0, 0, 255]);
});

test('what is no look says what would be', () => {
  for (const [look, message] of [
    [undefined, 'look: expected an object with a mode'],
    [{ mode: 'sepia' }, 'unknown look mode "sepia": expected one of overlay, mask, outline, cutout'],
    [{ mode: 'mask', opacity: 2 }, 'look opacity: expected a number from 0 to 1, got 2'],
    [{ mode: 'mask', palette: [] }, 'look palette: expected a list of colours'],
    [{ mode: 'mask', hidden: ['cat'] }, 'look hidden: expected a list of class ids'],
    [{ mode: 'blur', strength: Number.NaN }, 'look strength: expected a number from 0.002 to 0.1'],
    [{ mode: 'replace', backdrop: [1, 2] }, 'look backdrop: expected red, green and blue'],
    [{ mode: 'mask', outline: 1 }, 'look outline: expected true or false, got 1'],
  ] as const) {
    expect(() => drawnLook(look as never, classes)).toThrow(message);
  }
});
