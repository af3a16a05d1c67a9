import { decodeLabelPng } from '@atrous/mask';
import type { Browser, Page } from 'playwright';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  astronautPng,
  choose,
  fileOf,
  give,
  launch,
  look,
  openStudio,
  type Studio,
  saved,
  waitForMask,
} from './studio.ts';

let browser: Browser;
let studio: Studio;
let page: Page;
beforeAll(async () => {
  browser = await launch();
  studio = await openStudio(browser);
  page = studio.page;
  await waitForMask(page);
});
afterAll(async () => {
  await studio.close();
  await browser.close();
});

const isAlive = async () => {
  await look(page);
  await waitForMask(page);
};

test.each([
  ['nothing.png', 'image/png', Buffer.alloc(0), 'nothing.png: the file is empty (0 bytes)'],
  ['notes.jpg', 'image/jpeg', Buffer.from('no picture'), 'notes.jpg: this browser cannot decode it'],
  ['IMG_1.HEIC', 'image/heic', Buffer.from('ftypheic'), 'HEIC: convert it to JPEG or PNG'],
  [
    'drawing.svg',
    'image/svg+xml',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    'SVG: convert it',
  ],
  ['letter.txt', 'text/plain', Buffer.from('Hello'), 'expected pictures, a video or a model'],
  [
    '<img src=x onerror=alert(1)>.png',
    'image/png',
    Buffer.from('x'),
    '<img src=x onerror=alert(1)>.png: this browser cannot',
  ],
  ['empty.mp4', 'video/mp4', Buffer.alloc(0), 'empty.mp4: the file is empty (0 bytes)'],
  ['noise.mp4', 'video/mp4', Buffer.from('no video'), 'noise.mp4: this browser cannot play it'],
])('%s is an error that says why', async (name, type, bytes, message) => {
  await give(page, 'drop', [{ name, type, bytes }]);
  await page.locator('.notice.failed, .message.error').filter({ hasText: message }).waitFor();
  await isAlive();
});

test('a picture of one pixel, and one of 30 megapixels', async () => {
  const dot = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#884422' } })
    .png()
    .toBuffer();
  await choose(page, { name: 'dot.png', mimeType: 'image/png', buffer: dot });
  await waitForMask(page, 'dot.png');
  const huge = await sharp(astronautPng).resize(6708, 4480, { fit: 'fill' }).jpeg({ quality: 70 }).toBuffer();
  await choose(page, { name: 'huge.jpg', mimeType: 'image/jpeg', buffer: huge });
  await waitForMask(page, 'huge.jpg');
  // the canvas is no larger than what is seen of it
  const canvas = page.locator('.surface canvas');
  expect(Number(await canvas.getAttribute('width'))).toBeLessThan(1400);
  await page.getByRole('button', { name: 'Pixel for pixel' }).click();
  await expect.poll(() => page.locator('.bar-group .wide').textContent()).toBe('100 %');
  const mask = decodeLabelPng((await saved(page, 'mask')).bytes, 'huge');
  expect([mask.width, mask.height]).toEqual([6708, 4480]);
  const { bytes } = await saved(page, 'view');
  const { width, height } = await sharp(bytes).metadata();
  expect([width, height]).toEqual([6708, 4480]);
  await page.getByRole('button', { name: 'Remove huge.jpg' }).click();
  await isAlive();
});

test('many at once make a film strip; they can be stopped, and done again', async () => {
  const files = await Promise.all(
    Array.from({ length: 12 }, async (_, i) => ({
      name: `part-${i}.png`,
      mimeType: 'image/png',
      buffer: await sharp(astronautPng)
        .extract({ left: 15 * i, top: 0, width: 300, height: 512 })
        .png()
        .toBuffer(),
    })),
  );
  await choose(page, files);
  await page.getByRole('button', { name: 'Stop all' }).click();
  const strip = page.getByRole('list', { name: 'Pictures' });
  await strip.locator('.stopped').first().waitFor();
  await expect.poll(() => strip.locator('.waiting, .running').count()).toBe(0);
  const stopped = await strip.locator('.stopped').count();
  expect(stopped).toBeGreaterThanOrEqual(1);
  await strip.getByRole('button', { name: /^part-5\.png/ }).click(); // what was stopped is done when it is looked at
  await waitForMask(page, 'part-5.png');
  for (let i = 0; i < 12; i++) await page.getByRole('button', { name: `Remove part-${i}.png` }).click();
  await isAlive();
});

test('the samples are there once; a second press shows the first of them', async () => {
  const count = await page.locator('.film-strip li').count();
  await look(page, 'astronaut.jpg');
  await page.getByRole('button', { name: 'Samples' }).click();
  await waitForMask(page);
  expect(await page.locator('.film-strip li').count()).toBe(count);
});

test('what is removed comes back to its place', async () => {
  const names = () =>
    page
      .locator('.film-strip .thumbnail')
      .evaluateAll((all) => all.map((each) => each.getAttribute('title')));
  const before = await names();
  await look(page, 'astronaut.jpg');
  await page.getByRole('button', { name: 'Remove astronaut.jpg' }).click();
  expect(await names()).toHaveLength(before.length - 1);
  await page.getByText('astronaut.jpg removed').locator('..').getByRole('button', { name: 'Undo' }).click();
  await waitForMask(page, 'astronaut.jpg');
  expect(await names()).toEqual(before);
});

test('what a batch leaves out is said until somebody closes it, and covers no picture of the strip', async () => {
  const letter = { name: 'letter.txt', type: 'text/plain', bytes: Buffer.from('Hello') };
  await give(page, 'drop', [letter, await fileOf(astronautPng, 'image/png')]);
  await waitForMask(page, 'astronaut.png');
  const message = page
    .getByRole('alert')
    .filter({ hasText: 'letter.txt: neither a picture nor a model, left out' });
  await message.waitFor();
  const [said, strip] = [await message.boundingBox(), await page.locator('.film-strip').boundingBox()];
  expect(said!.y + said!.height).toBeLessThan(strip!.y);
  await page.getByRole('button', { name: 'Remove astronaut.png' }).click();
  await look(page);
});

test('nothing open: what to do is said', async () => {
  const remove = page.getByRole('button', { name: /^Remove / });
  for (let count = await remove.count(); count > 0; count--) await remove.first().click();
  await page.getByText('Open, drop or paste pictures').waitFor();
  await page.getByRole('button', { name: 'Show the samples' }).click();
  await waitForMask(page);
});
