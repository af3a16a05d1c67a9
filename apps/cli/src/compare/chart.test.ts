import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { chart } from './chart.ts';
import type { ComparedNetwork } from './networks.ts';
import { type Disc, placeLabels } from './place_labels.ts';
import { chartPath, saveChart } from './save_chart.ts';

const row = (network: string, macs: number, top1?: number): ComparedNetwork => ({
  network,
  parameters: 25e6,
  macs,
  ordinary: { parameters: 100e6, macs: network.startsWith('separable') ? 8 * macs : macs },
  activationBytes: { peak: 1, sum: 1 },
  ...(top1 !== undefined && { published: { top1, crop: 224, source: 'a paper' } }),
});

const circles = (svg: string) =>
  [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"/g)].map(([, x, y, r]) => {
    return { x: Number(x), y: Number(y), r: Number(r) };
  });

test('a circle per network: the dearer to the right, the better higher, equal parameters alike', () => {
  const [cheap, dear] = circles(chart([row('cheap', 1e9, 72), row('dear', 10e9, 80)], '299×299'));
  expect(dear.x).toBeGreaterThan(cheap.x);
  expect(dear.y).toBeLessThan(cheap.y);
  expect(dear.r).toBe(cheap.r);
});

test('four times the parameters are four times the area, where ordinary convolutions would put it', () => {
  const found = circles(chart([row('separable', 1e9, 75), row('ordinary', 4e9, 75)], '299×299'));
  expect(found).toHaveLength(3);
  const [dashed, ...networks] = found;
  expect(dashed.r / networks[0].r).toBeCloseTo(2, 1);
  expect(dashed.x).toBeGreaterThan(Math.max(...networks.map(({ x }) => x)));
});

test('what has no accuracy is not drawn, and nothing else than networks is', () => {
  const svg = chart([row('known <&>', 1e9, 75), row('unknown', 1e9)], '64×64');
  expect(circles(svg)).toHaveLength(1);
  expect(svg).toContain('known &#60;&#38;&#62;, 25 M');
  expect(svg).not.toContain('unknown');
  expect(() => chart([row('unknown', 1e9)], '64×64')).toThrow('needs a network with a published accuracy');
});

test('labels stay in the frame and off the discs where there is room', () => {
  const frame = { left: 0, top: 0, right: 1000, bottom: 600 };
  const spots = fc.uniqueArray(fc.integer({ min: 0, max: 11 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(spots, fc.integer({ min: 4, max: 40 }), (cells, radius) => {
      const discs = cells.map((cell): Disc => {
        return { x: 125 + 250 * (cell % 4), y: 100 + 200 * Math.floor(cell / 4), radius };
      });
      const places = placeLabels(
        discs,
        discs.map(() => 'network, 25 M'),
        { frame, obstacles: [] },
      );
      places.forEach(({ x, y }) => {
        expect(x).toBeGreaterThanOrEqual(frame.left);
        expect(x + 13 * 7).toBeLessThanOrEqual(frame.right);
        for (const disc of discs) {
          const isBeside = x >= disc.x + radius || x + 13 * 7 <= disc.x - radius;
          const isAboveOrBelow = y - 11 >= disc.y + radius || y + 4 <= disc.y - radius;
          expect(isBeside || isAboveOrBelow).toBe(true);
        }
      });
    }),
  );
});

test('a label leaves a line that runs to the right of its disc', () => {
  const disc = { x: 500, y: 300, radius: 20 };
  const frame = { left: 0, top: 0, right: 1000, bottom: 600 };
  const line = { left: 520, right: 800, top: 296, bottom: 304 };
  expect(placeLabels([disc], ['network'], { frame, obstacles: [] })[0].x).toBe(525);
  expect(placeLabels([disc], ['network'], { frame, obstacles: [line] })[0].x).toBeLessThan(500);
});

test('labels of networks at one place do not cover each other', () => {
  const disc = { x: 500, y: 300, radius: 20 };
  const frame = { left: 0, top: 0, right: 1000, bottom: 600 };
  const discs = [disc, { ...disc }, { ...disc }];
  const places = placeLabels(discs, ['one', 'two', 'three'], { frame, obstacles: [] });
  expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(3);
});

test('charts are saved as SVG, and as PNG at twice the size', async () => {
  const svg = chart([row('a', 1e9, 75)], '299×299');
  const path = (ending: string) => join(tmpdir(), `atrous-chart-${process.pid}.${ending}`);
  try {
    await saveChart(path('svg'), svg);
    await saveChart(path('png'), svg);
    expect(await readFile(path('svg'), 'utf8')).toBe(svg);
    const { format, width, height } = await sharp(path('png')).metadata();
    expect({ format, width, height }).toEqual({ format: 'png', width: 1720, height: 1080 });
  } finally {
    await Promise.all(['svg', 'png'].map((ending) => rm(path(ending), { force: true })));
  }
  expect(() => chartPath('chart.pdf')).toThrow('ends in .svg or .png');
});
