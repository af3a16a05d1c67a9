import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveStatic } from './server.ts';
import {
  choose,
  chooseRuntime,
  errorMessage,
  launch,
  models,
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
  studio = await openStudio(browser, { ignore: /404|ERR_FAILED|CORS/ });
  page = studio.page;
  await waitForMask(page);
});
afterAll(async () => {
  await studio.close();
  await browser.close();
});

const choice = (name: string | RegExp) => page.getByRole('radio', { name });
const openRuntimes = async () => {
  const more = page.getByText('Choose a runtime');
  if (!(await choice(/^Reference/).isVisible())) await more.click();
  await page.getByText('Looking what this browser has').waitFor({ state: 'detached' });
};

/** Labels by one runtime are those of another, but for a pixel or so at a border. */
const sharesOf = async () => {
  const lines = (await saved(page, 'csv')).bytes.toString().trimEnd().split('\r\n').slice(1);
  return lines.map((line) => Number(line.split(',')[3]));
};

describe('runtimes', () => {
  test('what this browser does not have has a reason', async () => {
    await openRuntimes();
    await choice(/^onnxruntime, WebGPU .*(adapter|WebGPU)/).waitFor();
    expect(await choice(/^onnxruntime, WebGPU/).isDisabled()).toBe(true);
    expect(await choice(/^TensorFlow\.js, WebGPU .*initialise/).isDisabled()).toBe(true);
    expect(await choice(/^Atrous engine \(WebGPU\) .*(adapter|WebGPU)/).isDisabled()).toBe(true);
    expect(await choice(/^Atrous engine \(WASM SIMD\)/).isDisabled()).toBe(false);
  });

  test.each([
    ['onnxruntime, WASM', 'onnx:wasm'],
    ['TensorFlow.js, WASM', 'tfjs:wasm'],
    ['Atrous engine (WASM SIMD)', 'wasm'],
  ])('%s gives the same mask', async (title, name) => {
    const before = await sharesOf();
    await chooseRuntime(page, title, name);
    const after = await sharesOf();
    after.forEach((share, id) => {
      expect(Math.abs(share - before[id])).toBeLessThan(1e-4);
    });
  });
});

test('8 bits say what they cost this model, and give nearly the same mask', async () => {
  const { compute } = JSON.parse(await readFile(join(models.peopleSmall, 'config.json'), 'utf8'));
  const points = Math.abs(compute.int8.miou).toFixed(2);
  await openRuntimes();
  await choice(new RegExp(`^In 8 bits.* mean IoU .${points} points`)).waitFor();
  const before = await sharesOf();
  await choice(/^In 8 bits/).click();
  await page.getByText(/Atrous engine .*, in 8 bits, \d+ thread/).waitFor();
  let after = before;
  await expect // masks stay until there are new ones
    .poll(
      async () => {
        after = await sharesOf();
        return after.join();
      },
      { timeout: 60_000 },
    )
    .not.toBe(before.join());
  after.forEach((share, id) => {
    expect(Math.abs(share - before[id])).toBeLessThan(0.02);
  });
  await chooseRuntime(page, 'Atrous engine (WASM SIMD)', 'wasm');
});

test('a number of threads and a model, one right after the other: both hold', async () => {
  const most = await page.evaluate(() => Math.min(16, navigator.hardwareConcurrency));
  await openRuntimes();
  await page.getByLabel('Threads').selectOption(String(most));
  await choice(/^Street/).click();
  await page.locator('.legend').getByText('sky').waitFor();
  await page.getByText(new RegExp(`^wasm · ${most} thread`)).waitFor();
  expect(await page.getByLabel('Threads').inputValue()).toBe(String(most));
  await choice(/^People, small/).click();
  await page.locator('.legend').getByText('hair').waitFor();
  await waitForMask(page);
});

describe('models', () => {
  test('another that ships, and back', async () => {
    await choice(/^Street/).click();
    await page
      .locator('.legend')
      .getByText('pavement')
      .or(page.locator('.legend').getByText('road'))
      .first()
      .waitFor();
    await waitForMask(page);
    const files = [
      ...['config.json', 'model.int8.safetensors'].map((file) => join(models.peopleSmall, file)),
      ...['config.json', 'model.int8.safetensors'].map((file) => join(models.street, file)),
    ];
    const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
    const megabytes = (sizes.reduce((sum, size) => sum + size, 0) / 1e6).toFixed(1);
    await page.getByText(`Kept in this browser: ${megabytes} MB of models (4 files)`).waitFor();
    await choice(/^People, small/).click();
    await page.locator('.legend').getByText('hair').waitFor();
    await waitForMask(page);
  });

  test('kept models can be cleared', async () => {
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByText('No models are kept in this browser').waitFor();
  });

  test('in single precision, where there is no other', async () => {
    await choose(
      page,
      ['config.json', 'model.safetensors'].map((file) => join(models.quarter, file)),
    );
    await choice(/^model\.safetensors/).waitFor();
    await page.locator('.legend').getByText('sky').waitFor();
    await waitForMask(page);
  });

  test('by files that are chosen or dropped', async () => {
    const files = ['config.json', 'model.int8.safetensors'].map((file) => join(models.peopleSmall, file));
    await choose(page, files);
    await choice(/^model\.int8\.safetensors/).waitFor();
    await page.locator('.legend').getByText('hair').waitFor();
    await waitForMask(page);
    await page.getByText('Mask by model.int8.safetensors.').waitFor();
  });

  test('by URL, from another origin', async () => {
    const other = await serveStatic(models.peopleSmall, {
      'Access-Control-Allow-Origin': '*',
    });
    await page.getByText('A model of your own').click();
    await page.getByLabel('URL').fill(other.url);
    await page.getByRole('button', { name: 'Load', exact: true }).click();
    await page.getByText(`Mask by ${new URL(other.url).host}.`).waitFor();
    await page.locator('.legend').getByText('hair').waitFor();
    await waitForMask(page);
    await other.stop();
  });
});

describe('a broken model is an error, and what was in use goes on', () => {
  const people = (file: string) => readFile(join(models.peopleSmall, file));
  const json = (text: string) => ({
    name: 'config.json',
    mimeType: 'application/json',
    buffer: Buffer.from(text),
  });
  const weights = (buffer: Buffer) => ({
    name: 'model.int8.safetensors',
    mimeType: 'application/octet-stream',
    buffer,
  });

  test.each([
    [
      'weights cut off',
      async () => [
        json(String(await people('config.json'))),
        weights((await people('model.int8.safetensors')).subarray(0, 100_000)),
      ],
      /bytes/,
    ],
    [
      'weights changed',
      async () => {
        const changed = Buffer.from(await people('model.int8.safetensors'));
        changed[changed.length >> 1] ^= 255;
        return [json(String(await people('config.json'))), weights(changed)];
      },
      /SHA-256|checksum/i,
    ],
    [
      'a config that is none',
      async () => [json('{"formatVersion": 1}'), weights(await people('model.int8.safetensors'))],
      /not a model's config/,
    ],
    [
      'a config that is no JSON',
      async () => [json('<html>'), weights(await people('model.int8.safetensors'))],
      /not JSON/,
    ],
    ['no weights', async () => [json(String(await people('config.json')))], /the weights are missing/],
  ] as const)('%s', async (_, files, message) => {
    await choose(page, await files());
    await page.getByRole('alert').filter({ hasText: message }).waitFor();
    await page.getByRole('button', { name: 'Close this message' }).click(); // one, and no other
    await page.locator('.legend').getByText('hair').waitFor();
    expect((await sharesOf()).length).toBe(12);
  });

  test('a URL that leads nowhere', async () => {
    await page.getByLabel('URL').fill(`${studio.host.url}models/nobody/`);
    await page.getByRole('button', { name: 'Load', exact: true }).click();
    await errorMessage(page).filter({ hasText: 'the server answers 404' }).waitFor();
    await page.getByLabel('URL').fill('ftp://nowhere');
    await page.getByRole('button', { name: 'Load', exact: true }).click();
    await errorMessage(page).filter({ hasText: 'is no URL' }).waitFor();
  });
});
