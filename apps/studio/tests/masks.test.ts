import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { decodeLabelPng, decodeRle, type LabelMap } from '@atrous/mask';
import { decode } from 'fast-png';
import type { Browser, Page } from 'playwright';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  astronautJpeg,
  astronautPng,
  canvasPixels,
  choose,
  chooseMode,
  chooseRuntime,
  commandLine,
  fileOf,
  give,
  launch,
  openStudio,
  type Studio,
  saved,
  sharedData,
  waitForMask,
} from './studio.ts';

let browser: Browser;
let studio: Studio;
let page: Page;
let folder: string;
beforeAll(async () => {
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), 'atrous-studio-masks-'));
  studio = await openStudio(browser);
  page = studio.page;
  await waitForMask(page);
});
afterAll(async () => {
  await studio.close();
  await browser.close();
  await rm(folder, { recursive: true });
});

/** The command's file of a picture, by the same runtime and weights. */
async function commandFile(
  file: string,
  suffix: string,
  runtime: string,
  more: readonly string[] = [],
): Promise<Buffer> {
  const options = [
    '--model',
    'people-small',
    '--precision',
    'int8',
    '--runtime',
    runtime,
    '-o',
    folder,
    '--json',
  ];
  await promisify(execFile)(process.execPath, [
    '--conditions=@atrous/source',
    commandLine,
    'segment',
    file,
    ...options,
    ...more,
  ]);
  return readFile(join(folder, basename(file).replace(/\.\w+$/, suffix)));
}

const commandMask = (file: string, runtime = 'wasm'): Promise<Buffer> =>
  commandFile(file, '.mask.png', runtime);

/** What the command cuts out of a picture. */
const commandCutOut = (file: string, classes: readonly string[]): Promise<Buffer> =>
  commandFile(file, '.cutout.png', 'wasm', ['--cutout', classes.join()]);

/** Whatever a file's compressor: its ids and their colours. */
const contentOf = (bytes: Uint8Array) => {
  const { width, height, depth, data, palette } = decode(bytes);
  return { width, height, depth, data, palette };
};

const labelsOf = (bytes: Uint8Array): LabelMap => decodeLabelPng(bytes, 'mask.png');

function agreement(a: LabelMap, b: LabelMap): number {
  expect([a.width, a.height]).toEqual([b.width, b.height]);
  return a.data.filter((id, i) => id === b.data[i]).length / a.data.length;
}

describe('the same masks as the command', () => {
  test.each([
    ['onnxruntime, WASM', 'onnx:wasm'],
    ['TensorFlow.js, WASM', 'tfjs:wasm'],
    ['Atrous engine (WASM SIMD)', 'wasm'],
  ])('a PNG without alpha, dropped, on %s: the same ids in the same colours', async (title, runtime) => {
    await chooseRuntime(page, title, runtime);
    await give(page, 'drop', [await fileOf(astronautPng, 'image/png')]);
    await waitForMask(page, 'astronaut.png');
    await page.locator('.film-strip li:not(.done)').first().waitFor({ state: 'detached' });
    const { name, bytes } = await saved(page, 'mask');
    expect(name).toBe('astronaut.mask.png');
    expect(contentOf(bytes)).toEqual(contentOf(await commandMask(astronautPng, runtime)));
  });

  test('at three scales and mirrored: the mask that the command makes so', async () => {
    const box = page.getByLabel(/^Look six times/);
    // the picture that is seen comes first, the others after it
    const own = page
      .locator('.film-strip li', { has: page.getByRole('button', { name: /^astronaut\.png/ }) })
      .last();
    const isDone = async () => String(await own.getAttribute('class')).includes('done');
    const done = async (change: () => Promise<void>) => {
      await change();
      await expect.poll(isDone, { timeout: 10_000 }).toBe(false);
      await expect.poll(isDone, { timeout: 150_000 }).toBe(true);
    };
    await done(() => box.check());
    try {
      const { bytes } = await saved(page, 'mask');
      const views = ['--scales', '0.75,1,1.5', '--flip'];
      const expected = await commandFile(astronautPng, '.mask.png', 'wasm', views);
      expect(contentOf(bytes)).toEqual(contentOf(expected));
      expect(contentOf(bytes)).not.toEqual(contentOf(await commandMask(astronautPng)));
    } finally {
      await done(() => box.uncheck());
    }
  });

  test('a JPEG, pasted: at least 99.8 % of the pixels', async () => {
    await give(page, 'paste', [{ ...(await fileOf(astronautJpeg, 'image/jpeg')), name: 'pasted.jpg' }]);
    await waitForMask(page, 'pasted.jpg');
    const mask = labelsOf((await saved(page, 'mask')).bytes);
    expect(agreement(mask, labelsOf(await commandMask(astronautJpeg)))).toBeGreaterThanOrEqual(0.998);
  });

  test.skipIf(!existsSync(sharedData))('photos that were never seen (needs ../shared/data)', async () => {
    const of = async (kind: string, count: number) =>
      (await readdir(join(sharedData, kind, 'test')))
        .slice(0, count)
        .map((file) => join(sharedData, kind, 'test', file));
    for (const file of [...(await of('people', 2)), ...(await of('street', 1))]) {
      await choose(page, file);
      await waitForMask(page, basename(file));
      const { bytes } = await saved(page, 'mask');
      const expected = await commandMask(file);
      if (file.endsWith('.png')) expect(contentOf(bytes)).toEqual(contentOf(expected));
      else expect(agreement(labelsOf(bytes), labelsOf(expected))).toBeGreaterThanOrEqual(0.998);
    }
  });
});

describe('what is seen is what is saved', () => {
  test('the canvas, mask only at zoom 1, equals the mask', async () => {
    await choose(page, astronautPng);
    await waitForMask(page, 'astronaut.png');
    await chooseMode(page, 'Mask');
    await page.getByRole('button', { name: 'Pixel for pixel' }).click();
    await expect.poll(() => page.locator('.surface canvas').getAttribute('width')).toBe('512');
    const { bytes } = await saved(page, 'mask');
    const mask = labelsOf(bytes);
    const palette = decode(bytes).palette!;
    const canvas = await canvasPixels(page);
    expect([canvas.width, canvas.height]).toEqual([mask.width, mask.height]);
    const expected = Uint8Array.from({ length: canvas.data.length }, (_, i) =>
      i % 4 === 3 ? 255 : palette[mask.data[i >> 2]][i % 4],
    );
    expect(canvas.data.equals(expected)).toBe(true);
  });
});

describe('each format, read back', () => {
  let mask: LabelMap;
  let names: string[];
  beforeAll(async () => {
    await choose(page, astronautPng);
    await waitForMask(page, 'astronaut.png');
    await chooseMode(page, 'Overlay');
    mask = labelsOf((await saved(page, 'mask')).bytes);
    names = await page.locator('.legend .name').allInnerTexts();
  });
  const countOf = (id: number) => mask.data.filter((each) => each === id).length;
  const there = () => [...new Set(mask.data)].sort((a, b) => a - b);

  test('overlay: the picture with the colours over it', async () => {
    const { name, bytes } = await saved(page, 'overlay');
    expect(name).toBe('astronaut.overlay.png');
    const [drawn, picture] = [decode(bytes), decode(await readFile(astronautPng))];
    const { palette } = decode((await saved(page, 'mask')).bytes);
    const inside = Array.from(
      { length: 510 * 510 },
      (_, i) => (1 + Math.floor(i / 510)) * 512 + 1 + (i % 510),
    ).filter((i) => mask.data[i] === mask.data[i + 1] && mask.data[i] === mask.data[i + 512]);
    for (const i of inside) {
      for (let c = 0; c < 3; c++) {
        const from = picture.data[picture.channels * i + c];
        const opacity = mask.data[i] === 0 ? 0 : 0.6; // background has no colour
        const expected = from + (palette![mask.data[i]][c] - from) * opacity;
        if (Math.abs(drawn.data[4 * i + c] - expected) > 0.5001)
          throw new Error(`pixel ${i}: ${drawn.data[4 * i + c]}, not ${expected}`);
      }
    }
    expect(inside.length).toBeGreaterThan(200_000);
  });

  const channel = (bytes: Uint8Array, c: number) => {
    const { data } = decode(bytes);
    return Uint8Array.from(mask.data, (_, i) => data[4 * i + c]);
  };
  const cutOut = async () => (await saved(page, 'cutout')).bytes;
  const share = (count: number) => count / mask.data.length;
  const largestDifference = (a: Uint8Array, b: Uint8Array) =>
    a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

  test('cut-out: the chosen classes with soft edges, as the command cuts them out', async () => {
    const expectAsCommand = async (classes: readonly string[]) => {
      const [ours, theirs] = [await cutOut(), await commandCutOut(astronautPng, classes)];
      for (let c = 0; c < 4; c++) expect(largestDifference(channel(ours, c), channel(theirs, c))).toBe(0);
      const alpha = channel(ours, 3);
      const kept = new Set(classes.map((name) => names.indexOf(name)));
      expect(alpha.filter((value) => value > 0 && value < 255).length).toBeGreaterThan(500);
      // of the label map, hardly more differs than specks and edges
      const other = alpha.filter((value, i) => kept.has(mask.data[i]) !== value > 127).length;
      expect(share(other)).toBeLessThan(0.1);
    };
    await expectAsCommand(names.slice(1));
    await page.getByRole('button', { name: /^hair/ }).click();
    await expectAsCommand(['hair']);
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('button', { name: 'Hide hair' }).click();
    await expectAsCommand(names.slice(2));
    await page.getByRole('button', { name: 'Hide hair' }).click();
    expect(labelsOf((await saved(page, 'mask')).bytes)).toEqual(mask);
  });

  test('this view: as large as the picture, over the colour behind by the soft alpha of the cut-out', async () => {
    const file = await cutOut();
    const alpha = channel(file, 3);
    await chooseMode(page, 'Replace background');
    const view = decode((await saved(page, 'view')).bytes);
    expect([view.width, view.height]).toEqual([512, 512]);
    const behind = [38, 132, 99];
    for (let c = 0; c < 3; c++) {
      const front = channel(file, c);
      const off = alpha.findIndex((a, i) => {
        const expected = (front[i] * a + behind[c] * (255 - a)) / 255;
        return Math.abs(view.data[4 * i + c] - expected) > 2;
      });
      expect(off, `channel ${c}`).toBe(-1);
    }
    await chooseMode(page, 'Overlay');
  });

  test('GeoJSON: the polygons cover the pixels of their class', async () => {
    const { features } = JSON.parse((await saved(page, 'geojson')).bytes.toString());
    expect(features.map(({ properties }: { properties: { id: number } }) => properties.id)).toEqual(there());
    for (const { properties, geometry } of features) {
      const area = (ring: [number, number][]) =>
        ring.slice(1).reduce((sum, [x, y], i) => sum + (ring[i][0] * y - x * ring[i][1]) / 2, 0);
      const covered = geometry.coordinates.reduce(
        (sum: number, [outer, ...holes]: [number, number][][]) =>
          sum + Math.abs(area(outer)) - holes.reduce((inner, hole) => inner + Math.abs(area(hole)), 0),
        0,
      );
      expect(covered, properties.name).toBe(countOf(properties.id));
      expect(properties.name).toBe(names[properties.id]);
    }
  });

  test('SVG: drawn by a browser, it is the mask', async () => {
    const svg = (await saved(page, 'svg')).bytes.toString();
    const drawing = await browser.newPage();
    await drawing.setContent(
      `<body style="margin:0">${svg.replace('<svg ', '<svg shape-rendering="crispEdges" ')}</body>`,
    );
    const { data } = decode(await drawing.screenshot({ clip: { x: 0, y: 0, width: 512, height: 512 } }));
    const colors = await page
      .locator('.legend .swatch')
      .evaluateAll((all) =>
        all.map((each) => (each as HTMLElement).style.background.match(/\d+/g)!.map(Number)),
      );
    const channels = data.length / (512 * 512);
    const differing = mask.data.filter((id, i) =>
      colors[id].some((value, c) => data[channels * i + c] !== value),
    );
    expect(differing.length).toBe(0);
    await drawing.close();
  });

  test('COCO: the areas are the pixels of all classes but the background', async () => {
    const { images, categories, annotations } = JSON.parse((await saved(page, 'coco')).bytes.toString());
    expect(images).toEqual([{ id: 1, file_name: 'astronaut.png', width: 512, height: 512 }]);
    expect(categories.map(({ name }: { name: string }) => name)).toEqual(names.slice(1));
    const found = new Uint8Array(mask.data.length);
    for (const { category_id, segmentation, area, iscrowd } of annotations) {
      const inside = decodeRle(segmentation).data;
      expect([iscrowd, area]).toEqual([0, inside.filter(Boolean).length]);
      for (const i of inside.keys()) found[i] += inside[i] * category_id;
    }
    expect(found).toEqual(Uint8Array.from(mask.data));
  });

  test('CSV: the shares', async () => {
    const lines = (await saved(page, 'csv')).bytes.toString().trimEnd().split('\r\n');
    expect(lines[0]).toBe('id,class,pixels,share');
    const rows = lines.slice(1).map((line) => line.split(','));
    expect(rows.map(([, name]) => name)).toEqual(names);
    expect(rows.map(([id, , pixels]) => [Number(id), Number(pixels)])).toEqual(
      names.map((_, id) => [id, countOf(id)]),
    );
    expect(rows.reduce((sum, row) => sum + Number(row[3]), 0)).toBeCloseTo(1, 9);
  });

  test('copies: a picture as a picture, data as text', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.bringToFront();
    await page.getByRole('button', { name: 'Copy Mask, indexed PNG' }).click();
    await page.getByText('Mask copied').waitFor();
    const read = (type: string) =>
      page.evaluate(async (wanted) => {
        const [item] = await navigator.clipboard.read();
        return [...new Uint8Array(await (await item.getType(wanted)).arrayBuffer())];
      }, type);
    // browsers write clipboard pictures anew: the colours stay
    const copied = decode(Uint8Array.from(await read('image/png')));
    expect([copied.width, copied.height]).toEqual([512, 512]);
    await page.getByRole('button', { name: 'Copy Shares, CSV' }).click();
    await page.getByText('Shares copied').waitFor();
    expect(Buffer.from(await read('text/plain')).toString()).toContain('id,class,pixels,share');
  });
});

test('EXIF orientation is applied, and a transparent picture stands on white', async () => {
  const turned = await sharp(astronautPng)
    .resize(300, 200, { fit: 'fill' })
    .jpeg()
    .withMetadata({ orientation: 6 })
    .toBuffer();
  await choose(page, { name: 'turned.jpg', mimeType: 'image/jpeg', buffer: turned });
  await waitForMask(page, 'turned.jpg');
  const mask = labelsOf((await saved(page, 'mask')).bytes);
  expect([mask.width, mask.height]).toEqual([200, 300]);

  const square = await sharp(astronautPng).resize(128, 128).toBuffer();
  const onWhite = await sharp({ create: { width: 256, height: 256, channels: 3, background: '#ffffff' } })
    .composite([{ input: square, left: 64, top: 64 }])
    .png()
    .toBuffer();
  const onNothing = await sharp({ create: { width: 256, height: 256, channels: 4, background: '#00000000' } })
    .composite([{ input: square, left: 64, top: 64 }])
    .png()
    .toBuffer();
  const masks = [];
  for (const [name, buffer] of [
    ['white.png', onWhite],
    ['clear.png', onNothing],
  ] as const) {
    await choose(page, { name, mimeType: 'image/png', buffer });
    await waitForMask(page, name);
    masks.push((await saved(page, 'mask')).bytes);
  }
  expect(masks[1]).toEqual(masks[0]);
});
