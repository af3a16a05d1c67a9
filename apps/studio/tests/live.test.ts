import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { choose, chooseMode, launch, look, openStudio, type Studio, saved, waitForMask } from './studio.ts';

let browser: Browser;
let studio: Studio;
let page: Page;
let session: CDPSession;
beforeAll(async () => {
  browser = await launch(
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--js-flags=--expose-gc',
    '--enable-blink-features=ForceEagerMeasureMemory', // at once, not at the next collection
  );
  studio = await openStudio(browser);
  page = studio.page;
  await page.evaluate(() => {
    const tracks: MediaStreamTrack[] = [];
    Object.assign(globalThis, { tracks });
    const media = navigator.mediaDevices;
    const get = media.getUserMedia.bind(media);
    media.getUserMedia = async (wanted) => {
      const stream = await get(wanted);
      tracks.push(...stream.getTracks());
      return stream;
    };
  });
  session = await page.context().newCDPSession(page);
  await waitForMask(page);
});
afterAll(async () => {
  await studio.close();
  await browser.close();
});

/** Bytes of the page and its workers after a collection in each, the least of three. */
async function memory(): Promise<number> {
  const measured: number[] = [];
  for (let i = 0; i < 3; i++) {
    await session.send('HeapProfiler.collectGarbage');
    await Promise.all(
      page.workers().map((worker) => worker.evaluate(() => (globalThis as { gc?(): void }).gc?.())),
    );
    const bytes = await page.evaluate(async () => {
      type Measure = { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> };
      return (await (performance as unknown as Measure).measureUserAgentSpecificMemory()).bytes;
    });
    measured.push(bytes);
  }
  return Math.min(...measured);
}

async function startCamera(): Promise<void> {
  await page.getByRole('button', { name: 'Camera' }).click();
  await page.getByRole('img', { name: 'Camera with its mask' }).waitFor();
}

async function stopLive(): Promise<void> {
  await page.getByRole('group', { name: 'Live' }).getByRole('button', { name: 'Stop' }).click();
  await waitForMask(page);
}

const framesText = async () => {
  const [opened, closed] = (await page.locator('.frames b').allInnerTexts()).map(Number);
  return { opened, closed };
};

test('a camera for 20 seconds: frames opened are closed, memory stays', async () => {
  await page.getByText('Under the bonnet').click();
  await startCamera();
  await page.waitForTimeout(4000); // plans, canvases and compiled code are there now
  await stopLive();
  const before = await memory();
  await startCamera();
  await page.waitForTimeout(20_000);
  const rate = await page.locator('.rate').textContent();
  await stopLive();
  const after = await memory();
  const { opened, closed } = await framesText();
  console.log(
    `camera: ${rate}; frames: ${opened} opened, ${closed} closed; memory: ${before} bytes, ${after} after 20 s`,
  );
  expect(opened).toBeGreaterThan(10);
  expect(closed).toBe(opened);
  expect(after / before).toBeLessThan(1.05);
});

test('what is live is saved, shown in every way, and taken over by another model without a break', async () => {
  await startCamera();
  expect((await saved(page, 'cutout')).name).toBe('Camera-frame.cutout.png');
  for (const mode of ['Blur background', 'Replace background', 'Overlay']) {
    await chooseMode(page, mode);
    expect((await saved(page, 'view')).bytes.length).toBeGreaterThan(1000);
  }
  for (const [model, label] of [
    [/^Street/, 'sky'],
    [/^People, small/, 'hair'],
  ] as const) {
    await page.getByRole('radio', { name: model }).click();
    await page.locator('.legend').getByText(label).waitFor();
    await page.getByRole('img', { name: 'Camera with its mask' }).waitFor();
  }
  expect(await page.getByRole('alert').count()).toBe(0);
  await stopLive();
  const { opened, closed } = await framesText();
  expect(closed).toBe(opened);
});

test('a video file plays, is paused and sought, takes another model meanwhile, and ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atrous-studio-video-'));
  const file = join(folder, 'clip.webm');
  await writeFile(file, await recordClip(page));
  await choose(page, file);
  await page.getByRole('img', { name: 'clip.webm with its mask' }).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Play' }).waitFor();
  expect((await saved(page, 'mask')).name).toBe('clip-frame.mask.png');
  const maskNow = async () => (await saved(page, 'overlay')).bytes.toString('base64');
  const before = await maskNow();
  await page.getByLabel('Position in the video').fill('0.6');
  await expect.poll(maskNow).not.toBe(before);
  await page.getByRole('radio', { name: /^Street/ }).click();
  await page.locator('.legend').getByText('sky').waitFor();
  await page.locator('.legend li:not(.is-absent)').first().waitFor(); // the frame that stands there was done again
  await page.getByRole('radio', { name: /^People, small/ }).click();
  await page.locator('.legend').getByText('hair').waitFor();
  await page.getByRole('button', { name: 'Play' }).click();
  await stopLive();
  const { opened, closed } = await framesText();
  expect(closed).toBe(opened);
  await rm(folder, { recursive: true });
});

/** A second of moving squares, as WebM. */
async function recordClip(from: Page): Promise<Buffer> {
  const base64 = await from.evaluate(async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 320, height: 240 });
    const context = canvas.getContext('2d')!;
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: 'video/webm' });
    const pieces: Blob[] = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    const ended = new Promise((resolve) => {
      recorder.onstop = resolve;
    });
    recorder.start();
    for (let i = 0; i < 40; i++) {
      context.fillStyle = `hsl(${i * 9} 70% 50%)`;
      context.fillRect(0, 0, 320, 240);
      context.fillStyle = '#fff';
      context.fillRect(i * 6, 80, 60, 60);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    recorder.stop();
    await ended;
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
  });
  return Buffer.from(base64, 'base64');
}

test('two starts leave one, a start that is taken back none', async () => {
  const camera = page.getByRole('button', { name: 'Camera' });
  await camera.click();
  await camera.click();
  await page.getByRole('img', { name: 'Camera with its mask' }).waitFor();
  await camera.click();
  await look(page);
  await waitForMask(page);
  const states = () =>
    page.evaluate(() =>
      (globalThis as unknown as { tracks: MediaStreamTrack[] }).tracks.map(({ readyState }) => readyState),
    );
  expect((await states()).length).toBeGreaterThanOrEqual(1);
  await expect.poll(async () => new Set(await states())).toEqual(new Set(['ended'])); // a frame may still be under way
  expect(await page.getByRole('alert').count()).toBe(0);
  await page.getByText('Under the bonnet').waitFor();
  const { opened, closed } = await framesText();
  expect(closed).toBe(opened);
});
