import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { factsOf, makeClip, rawFrames, videoEntry, whyNoVideo } from '../../cli/src/video/test_clips.ts';
import { choose, launch, openStudio, type Studio, waitForMask } from './studio.ts';

let browser: Browser;
let studio: Studio;
let page: Page;
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atrous-film-'));
  browser = await launch('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream');
  studio = await openStudio(browser);
  page = studio.page;
  await waitForMask(page);
});
afterAll(async () => {
  await studio.close();
  await browser.close();
  await rm(folder, { recursive: true });
});

const live = () => page.getByRole('group', { name: 'Live' });
const button = (name: string | RegExp) =>
  live().getByRole('button', { name, exact: typeof name === 'string' });

async function open(name: string): Promise<void> {
  await choose(page, join(folder, name));
  await page.getByRole('img', { name: `${name} with its mask` }).waitFor();
}

/** What a click brings, as a file of the folder. */
async function downloaded(click: () => Promise<void>): Promise<{ name: string; path: string }> {
  const [download] = await Promise.all([page.waitForEvent('download'), click()]);
  const name = download.suggestedFilename();
  const path = join(folder, name);
  await download.saveAs(path);
  return { name, path };
}

/** Films that lie in the origin's own files. */
const keptFilms = () =>
  page.evaluate(async () => {
    const names: string[] = [];
    for await (const name of (await navigator.storage.getDirectory()).keys())
      if (name.endsWith('.mp4')) names.push(name);
    return names.length;
  });

const missing = whyNoVideo();

describe.skipIf(missing)(`a video file${missing ? `: ${missing}` : ''}`, () => {
  test.each(['constant', 'varying'])(
    'is saved with every frame, its times and its sound: %s',
    async (kind) => {
      const rates = { constant: {}, varying: { rate: '30', variable: true } } as const;
      makeClip(join(folder, `${kind}.mp4`), { seconds: 0.5, size: '160x90', ...rates[kind as 'constant'] });
      await open(`${kind}.mp4`);
      const { name, path } = await downloaded(() => button('Save video').click());
      expect(name).toBe(`${kind}.masked.mp4`);
      const [from, to] = [factsOf(join(folder, `${kind}.mp4`)), factsOf(path)];
      expect(to.frames).toHaveLength(from.frames.length);
      for (const [i, time] of from.frames.entries()) expect(to.frames[i]).toBeCloseTo(time, 3);
      expect(to.seconds).toBeCloseTo(from.seconds, 2);
      expect(to.sound.map(contentOf)).toEqual(from.sound.map(contentOf));
      expect(videoEntry(path, 'width,height')).toBe('160,90');
      const brightness = (bytes: Buffer) => bytes.reduce((sum, value) => sum + value, 0) / bytes.length;
      expect(brightness(rawFrames(path, 'gray'))).toBeGreaterThan(20);
      await button('Save video').waitFor();
      await button('Stop').click();
    },
  );

  test('is given up by a button, and leaves nothing', async () => {
    makeClip(join(folder, 'long.mp4'), { seconds: 60, size: '160x90' });
    await open('long.mp4');
    await button('Save video').click();
    const progress = live().getByLabel('Video written');
    await expect.poll(() => progress.getAttribute('value').then(Number)).toBeGreaterThan(0);
    await button('Cancel').click();
    await button('Save video').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await expect.poll(keptFilms).toBe(0);
    await button('Save video').click();
    await progress.waitFor();
    await button('Stop').click();
    await page.getByRole('alert').filter({ hasText: 'long.mp4: not saved, since it was closed' }).waitFor();
  });
});

/** Size and digest of a packet, without its times: a container rounds them. */
const contentOf = (packet: string) => packet.split(',').slice(-2).join();

test('the camera is recorded as it is shown', async () => {
  await page.getByRole('button', { name: 'Camera' }).click();
  await page.getByRole('img', { name: 'Camera with its mask' }).waitFor();
  await button('Record').click();
  await button(/^Stop recording · 0:0[1-9]/).waitFor();
  const { name, path } = await downloaded(() => button(/^Stop recording/).click());
  expect(name).toBe('Camera.masked.mp4');
  if (!missing) {
    const { seconds, frames } = factsOf(path);
    expect(seconds).toBeGreaterThan(0.8);
    expect(frames.length).toBeGreaterThan(1);
    expect(videoEntry(path, 'width,height')).toBe('640,480');
  }
  await button('Record').click();
  await button(/^Stop recording · 0:0[1-9]/).waitFor();
  const whole = await downloaded(() => button('Stop').click()); // the camera's end is the recording's
  expect(whole.name).toBe('Camera.masked.mp4');
  await waitForMask(page);
});

test('what is no video of a kind that is read says so', async () => {
  await writeFile(join(folder, 'notes.mp4'), 'these are notes');
  await choose(page, join(folder, 'notes.mp4'));
  await page.getByRole('alert').filter({ hasText: 'notes.mp4: this browser cannot play it' }).waitFor();
});
