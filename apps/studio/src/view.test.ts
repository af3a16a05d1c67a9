import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitView, frameOf, panBy, pictureAt, stageAt, type View, zoomAt } from './view.ts';

const side = (max: number) => fc.integer({ min: 1, max });
const size = (max: number) => fc.record({ width: side(max), height: side(max) });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const looks = fc
  .record({
    stage: size(3000),
    picture: size(8000),
    scale: fc.double({ min: 0.02, max: 64, noNaN: true }),
    x: share,
    y: share,
  })
  .map(({ stage, picture, scale, x, y }) => {
    const view: View = { scale, x: x * picture.width, y: y * picture.height };
    return { stage, picture, view };
  });

test('what fits is all of the picture, in the middle', () => {
  const picture = { width: 400, height: 300 };
  const stage = { width: 800, height: 800 };
  const frame = frameOf(fitView(stage, picture), stage, picture);
  expect(frame).toEqual({
    left: 0,
    top: 100,
    viewport: { left: 0, top: 0, width: 400, height: 300, columns: 800, rows: 600 },
  });
});

test('a frame lies on the stage and shows nothing beside the picture', () => {
  fc.assert(
    fc.property(looks, ({ stage, picture, view }) => {
      const frame = frameOf(view, stage, picture);
      if (!frame) return;
      const { left, top, viewport } = frame;
      const { columns, rows } = viewport;
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(left + columns).toBeLessThanOrEqual(stage.width);
      expect(top + rows).toBeLessThanOrEqual(stage.height);
      expect(viewport.left).toBeGreaterThanOrEqual(0);
      expect(viewport.top).toBeGreaterThanOrEqual(0);
      expect(viewport.left + viewport.width).toBeLessThanOrEqual(picture.width + 1e-6);
      expect(viewport.top + viewport.height).toBeLessThanOrEqual(picture.height + 1e-6);
    }),
  );
});

test('at scale 1 canvas pixels are whole pixels of the picture', () => {
  fc.assert(
    fc.property(looks, ({ stage, picture, view }) => {
      const frame = frameOf({ ...view, scale: 1 }, stage, picture);
      if (!frame) return;
      const { left, top, width, height, columns, rows } = frame.viewport;
      expect([left, top].every(Number.isInteger)).toBe(true);
      expect([width, height]).toEqual([columns, rows]);
    }),
  );
});

test('stage and picture are each other, there and back', () => {
  fc.assert(
    fc.property(looks, share, share, ({ stage, picture, view }, x, y) => {
      const at = { x: x * stage.width, y: y * stage.height };
      const back = stageAt(view, stage, picture, pictureAt(view, stage, picture, at));
      expect(back.x).toBeCloseTo(at.x, 5);
      expect(back.y).toBeCloseTo(at.y, 5);
    }),
  );
});

test('zooming keeps what is under the pointer, up to a canvas pixel or so', () => {
  const stage = { width: 900, height: 700 };
  const picture = { width: 900, height: 700 };
  const within = fc.double({ min: 0.3, max: 0.7, noNaN: true });
  fc.assert(
    fc.property(within, within, fc.double({ min: 1, max: 8, noNaN: true }), (x, y, factor) => {
      const at = { x: x * stage.width, y: y * stage.height };
      const view = fitView(stage, picture);
      const before = pictureAt(view, stage, picture, at);
      const after = pictureAt(zoomAt(view, stage, picture, factor, at), stage, picture, at);
      expect(Math.hypot(after.x - before.x, after.y - before.y) * factor).toBeLessThan(2);
    }),
  );
});

test('the middle of the stage never leaves the picture', () => {
  fc.assert(
    fc.property(looks, fc.integer(), fc.integer(), ({ stage, picture, view }, x, y) => {
      const moved = panBy(view, stage, picture, { x, y });
      expect(moved.x).toBeGreaterThanOrEqual(0);
      expect(moved.x).toBeLessThanOrEqual(picture.width);
      expect(moved.y).toBeGreaterThanOrEqual(0);
      expect(moved.y).toBeLessThanOrEqual(picture.height);
    }),
  );
});
