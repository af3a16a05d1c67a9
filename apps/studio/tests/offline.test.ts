import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { astronautPng, choose, launch, openStudio, saved, waitForMask } from './studio.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

test('the first visit costs less than 6 MB, on any host; what it lost is said, and a button brings threads', async () => {
  const studio = await openStudio(browser, { isolated: false });
  const { page, host } = studio;
  await waitForMask(page);
  const untilMask = host.takeBytes();
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
  await page.getByText('not isolated', { exact: true }).waitFor();
  await page.getByText('wasm · 1 thread').waitFor();
  await page.getByText('works offline').waitFor();
  const afterwards = host.takeBytes();
  console.log(`transferred: ${untilMask} bytes to the first mask, ${afterwards} more for the service worker`);
  expect(untilMask + afterwards).toBeLessThan(6e6);

  await choose(page, astronautPng);
  await waitForMask(page, 'astronaut.png');
  const before = await saved(page, 'mask');
  await page.getByRole('button', { name: 'Turn threads on' }).click();
  await page.getByText('not isolated', { exact: true }).waitFor({ state: 'detached' });
  await waitForMask(page);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  // what was opened is still there, and all cores can be used
  const cores = await page.evaluate(() => Math.min(16, navigator.hardwareConcurrency));
  await page.getByText('Choose a runtime').click();
  await page.getByLabel('Threads').selectOption(String(cores));
  await page.getByText(new RegExp(`^wasm · ${cores} thread`)).waitFor();
  await page.getByRole('button', { name: /^astronaut\.png/ }).click();
  await waitForMask(page, 'astronaut.png');
  const engineThreads = page.workers().filter((worker) => /worker_browser/.test(worker.url()));
  expect(engineThreads).toHaveLength(cores);
  expect((await saved(page, 'mask')).bytes).toEqual(before.bytes);
  await studio.close();
});

test('without the server a reload works, and so do the next pictures', async () => {
  const studio = await openStudio(browser, {
    isolated: false,
    ignore: /ERR_CONNECTION_REFUSED|Failed to fetch|503/,
  });
  const { page, host } = studio;
  await page.getByText('works offline').waitFor();
  await host.stop();
  await page.reload();
  await waitForMask(page);
  await page.getByText(/^wasm · \d+ thread/).waitFor();
  await choose(page, astronautPng);
  await waitForMask(page, 'astronaut.png');
  expect((await saved(page, 'mask')).bytes.length).toBeGreaterThan(1000);
  // a model that was never here has a reason, and the one in use stays
  await page.getByText('Not here without the network: People; Street.').waitFor();
  await page.getByRole('radio', { name: /^Street/ }).click();
  await page.getByRole('alert').filter({ hasText: 'cannot be fetched' }).waitFor();
  await expect.poll(() => page.getByRole('radio', { name: /^People, small/ }).isChecked()).toBe(true);
  await waitForMask(page, 'astronaut.png');
  await studio.close();
});

test('all models can be kept before the network goes', async () => {
  const studio = await openStudio(browser, { ignore: /ERR_CONNECTION_REFUSED|Failed to fetch|503/ });
  const { page, host } = studio;
  await page.getByText('works offline with People, small').waitFor();
  await page.getByRole('button', { name: /^Keep \(/ }).click();
  await page.getByText('works offline', { exact: true }).waitFor();
  await host.stop();
  await page.reload();
  await waitForMask(page);
  await page.getByRole('radio', { name: /^Street/ }).click();
  await page.getByText('Mask by Street (').waitFor();
  await studio.close();
});

test('a new version waits until its visitor agrees to a reload', async () => {
  const site = await mkdtemp(join(tmpdir(), 'atrous-studio-versions-'));
  await cp(inject('site'), site, { recursive: true });
  const studio = await openStudio(browser, { isolated: false, site });
  const { page } = studio;
  await page.getByText('works offline').waitFor();
  const [worker, index] = [join(site, 'service_worker.js'), join(site, 'index.html')];
  await writeFile(worker, String(await readFile(worker)).replace('"version":"', '$&new-'));
  await writeFile(index, String(await readFile(index)).replace('<title>', '<title>New '));
  await page.reload();
  await waitForMask(page);
  expect(await page.title()).toBe('Atrous Studio');
  await page.getByText('a new version is here').waitFor();
  await page.getByRole('button', { name: 'Reload' }).click();
  await page.waitForFunction(() => document.title === 'New Atrous Studio');
  await waitForMask(page);
  await studio.close();
  await rm(site, { recursive: true });
});
