import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { axe } from './axe.ts';
import type { Hold } from './server.ts';
import {
  astronautPng,
  choose,
  launch,
  look,
  models,
  openStudio,
  type Studio,
  saved,
  waitForMask,
} from './studio.ts';

/** How a model is called with the size of its weights. */
async function titleOf(title: string, folder: string): Promise<string> {
  const { size } = await stat(join(folder, 'model.int8.safetensors'));
  return `${title} (${(size / 1e6).toFixed(1)} MB)`;
}

let browser: Browser;
let small: string;
let large: string;
beforeAll(async () => {
  browser = await launch('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream');
  small = await titleOf('People, small', models.peopleSmall);
  large = await titleOf('People', models.people);
});
afterAll(() => browser.close());

const largeFiles = /\/models\/people\/.*\.safetensors$/;

/** The studio of a visitor with a good connection, whose server holds the large model's weights back, and the pictures. */
async function openHeld(ignore?: RegExp): Promise<{ studio: Studio; hold: Hold; pictures: Hold }> {
  let hold: Hold | undefined;
  let pictures: Hold | undefined;
  const studio = await openStudio(browser, {
    large: true,
    ignore,
    before(host) {
      hold = host.hold(largeFiles);
      pictures = host.hold(/\.jpg$/);
    },
  });
  return { studio, hold: hold!, pictures: pictures! };
}

const says = (page: Page, text: string) => page.locator('.mask-model p').filter({ hasText: text }).waitFor();
const said = (page: Page) => page.locator('.mask-model p').textContent();
/** Whoever asked goes at once: long before the half minute after which a download without bytes fails by itself. */
const leaves = (hold: Hold) => expect.poll(() => hold.hasLeft, { timeout: 10_000 }).toBe(true);
const isChosen = (page: Page, model: RegExp) => page.getByRole('radio', { name: model }).isChecked();

/** Everything that was seen of the page while something happened, without what was the same. */
async function watch(page: Page): Promise<() => Promise<{ shows: string[]; running: string[] }>> {
  await page.evaluate(() => {
    const [shows, running] = [new Set<string>(), new Set<string>()];
    Object.assign(globalThis, { seen: () => ({ shows: [...shows], running: [...running] }) });
    const look = () => {
      shows.add(document.querySelector<HTMLElement>('.surface canvas')!.dataset.shows!);
      for (const item of document.querySelectorAll('.film-strip .running .thumbnail'))
        running.add((item as HTMLElement).title.split(':')[0]);
    };
    look();
    new MutationObserver(look).observe(document.body, { attributes: true, childList: true, subtree: true });
  });
  return () =>
    page.evaluate(() => (globalThis as unknown as { seen(): { shows: string[]; running: string[] } }).seen());
}

describe('a visitor with a good connection', () => {
  let studio: Studio;
  let hold: Hold;
  let pictures: Hold;
  let page: Page;
  beforeAll(async () => {
    ({ studio, hold, pictures } = await openHeld(/ERR_CONNECTION_REFUSED|Failed to fetch|503/));
    page = studio.page;
  });
  afterAll(() => studio.close());

  test('the first mask is the small model’s, for less than 6 MB; the large one is asked for after it', async () => {
    await says(page, `${large} comes after the first mask`);
    await page.waitForTimeout(3000);
    expect(studio.host.requests.filter((path) => path.startsWith('/models/people/'))).toEqual([]);
    pictures.send(1);
    await waitForMask(page);
    await says(page, `Mask by ${small}.`);
    await page.getByText('works offline').waitFor();
    await hold.asked;
    expect(studio.host.takeBytes()).toBeLessThan(6e6);
  });

  test('how much of it is there is said; what is saved meanwhile is what is seen', async () => {
    const before = await saved(page, 'mask');
    hold.send(0.4);
    await expect.poll(() => said(page)).toMatch(/^.*\. People \(.*\) is loading, (39|40) %$/);
    expect(await said(page)).toContain(`Mask by ${small}. ${large} is loading`);
    expect(await isChosen(page, /^People /)).toBe(true);
    expect(await axe(page)).toEqual([]);
    expect((await saved(page, 'mask')).bytes).toEqual(before.bytes);
  });

  test('it takes over, the picture that is seen first; no mask goes before there is a new one', async () => {
    const buffer = await readFile(astronautPng);
    await choose(
      page,
      ['a.png', 'b.png', 'c.png', 'd.png'].map((name) => ({ name, mimeType: 'image/png', buffer })),
    );
    await page.getByRole('button', { name: 'Stop all' }).click();
    const stopped = page.locator('.film-strip .stopped').filter({ has: page.getByLabel('Remove d.png') });
    await stopped.waitFor();
    await look(page, 'grace_hopper.jpg');
    await waitForMask(page, 'grace_hopper.jpg');
    await page.getByRole('button', { name: 'Hide hair' }).click();
    const before = await saved(page, 'csv');
    const seen = await watch(page);
    // while a folder is asked for, and until all is written there, it waits: what is saved together is of one model
    await page.evaluate(() => {
      const { promise, reject } = Promise.withResolvers();
      const giveUp = () => reject(new DOMException('given up', 'AbortError'));
      Object.assign(globalThis, { showDirectoryPicker: () => promise, giveUp });
    });
    await page.getByRole('button', { name: 'Save Shares, CSV, of all pictures' }).click();
    hold.send(1);
    await says(page, `Mask by ${small}. ${large} is starting`);
    await page.waitForTimeout(6000);
    expect(await said(page)).toBe(`Mask by ${small}. ${large} is starting`);
    await page.evaluate(() => (globalThis as unknown as { giveUp(): void }).giveUp());
    await says(page, `Mask by ${large}.`);
    await page.locator('.film-strip li:not(.done, .stopped)').first().waitFor({ state: 'detached' });
    const { shows, running } = await seen();
    const isAgain = {
      'astronaut.jpg': running.includes('astronaut.jpg'),
      'd.png': running.includes('d.png'),
    };
    expect({ shows, first: running[0], isAgain }).toEqual({
      shows: ['mask'],
      first: 'grace_hopper.jpg',
      isAgain: { 'astronaut.jpg': true, 'd.png': false }, // what was stopped stays so
    });
    await stopped.waitFor();
    expect(await page.locator('.legend .is-hidden').textContent()).toContain('hair');
    expect((await saved(page, 'csv')).bytes).not.toEqual(before.bytes);
    for (const name of ['a', 'b', 'c', 'd'])
      await page.getByRole('button', { name: `Remove ${name}.png` }).click();
    await look(page);
    await waitForMask(page);
    expect(await said(page)).toBe(`Mask by ${large}. `);
  });

  test('video stays with the small one, which is beside it, until somebody chooses otherwise', async () => {
    await page.getByRole('button', { name: 'Camera' }).click();
    await page.getByRole('img', { name: 'Camera with its mask' }).waitFor();
    expect(await said(page)).toBe(`Mask by ${small}. `);
    const choice = page.getByRole('group', { name: 'Live' }).getByLabel('Model');
    expect(await choice.locator('option').allTextContents()).toEqual(['People', 'People, small']);
    await choice.selectOption('People');
    await says(page, `Mask by ${large}.`);
    await choice.selectOption('People, small');
    await says(page, `Mask by ${small}.`);
    await page.getByRole('group', { name: 'Live' }).getByRole('button', { name: 'Stop' }).click();
    await waitForMask(page);
  });

  test('with other threads both are loaded anew, and nothing goes back to the small one', async () => {
    await page.getByText('Choose a runtime').click();
    const count = Math.min(16, await page.evaluate(() => navigator.hardwareConcurrency));
    await page.evaluate(() => {
      const texts = new Set<string>();
      Object.assign(globalThis, { texts });
      const line = document.querySelector('.mask-model')!;
      new MutationObserver(() => texts.add(line.textContent!)).observe(line, {
        characterData: true,
        childList: true,
        subtree: true,
      });
    });
    await page.getByLabel('Threads').selectOption(String(count));
    await page.getByText(new RegExp(`^wasm · ${count} thread`)).waitFor();
    await page.locator('.film-strip li:not(.done)').first().waitFor({ state: 'detached' });
    await waitForMask(page);
    const texts = await page.evaluate(() => [...(globalThis as unknown as { texts: Set<string> }).texts]);
    expect(texts.filter((text) => text.includes('small'))).toEqual([]);
    await page.getByRole('button', { name: 'Camera' }).click();
    await says(page, `Mask by ${small}.`);
    await page.getByRole('group', { name: 'Live' }).getByRole('button', { name: 'Stop' }).click();
  });

  test('without the server it comes out of the cache', async () => {
    await studio.host.stop();
    await page.reload();
    await says(page, `Mask by ${large}.`);
  });
});

describe('the download of the large model stops, and the small one goes on,', () => {
  let studio: Studio;
  let hold: Hold;
  let page: Page;
  beforeAll(async () => {
    let pictures: Hold;
    ({ studio, hold, pictures } = await openHeld(/ERR_|Failed to fetch/));
    pictures.send(1);
    page = studio.page;
    await waitForMask(page);
    await hold.asked;
    await page.getByText('works offline').waitFor(); // a service worker must not keep a download alive
  });
  afterAll(() => studio.close());
  const load = () => page.getByRole('button', { name: `Load ${large}` });
  const asksFor = () => studio.host.requests.filter((path) => largeFiles.test(path)).length;

  test('when somebody cancels it; a button offers it', async () => {
    await page.getByRole('button', { name: 'Cancel' }).click();
    await leaves(hold);
    await says(page, `Mask by ${small}. The download of People was stopped.`);
    expect(await isChosen(page, /^People, small/)).toBe(true);
    const before = asksFor();
    await load().click();
    await says(page, `${large} is loading`);
    await expect.poll(asksFor).toBe(before + 1);
  });

  test('when somebody chooses the small one: nothing is offered', async () => {
    await page.getByRole('radio', { name: /^People, small/ }).click();
    await expect.poll(() => said(page)).toBe(`Mask by ${small}. `);
    expect(await isChosen(page, /^People, small/)).toBe(true);
    expect(await load().count()).toBe(0);
    await page.locator('.loading').waitFor({ state: 'detached' });
  });

  test('when somebody chooses another model', async () => {
    hold = studio.host.hold(largeFiles);
    await page.getByRole('radio', { name: /^People / }).click();
    await hold.asked;
    await page.getByRole('radio', { name: /^Street/ }).click();
    await leaves(hold);
    await page.locator('.legend').getByText('sky').waitFor();
    await says(page, 'Mask by Street');
    expect(await said(page)).not.toContain('People');
  });

  test('when it fails; the reason is said, and it can be tried again', async () => {
    hold = studio.host.hold(largeFiles);
    await page.getByRole('radio', { name: /^People / }).click();
    await says(page, `Mask by ${small}.`);
    await hold.asked;
    hold.send(0.2);
    hold.cut();
    await says(page, `Mask by ${small}. People could not be loaded: `);
    expect(await said(page)).toMatch(/model\.int8\.safetensors.*(broke off|cannot be fetched)/);
    expect(await isChosen(page, /^People, small/)).toBe(true);
    expect(await axe(page)).toEqual([]);
    expect((await saved(page, 'mask')).bytes.length).toBeGreaterThan(1000);
    await load().click();
    await says(page, `Mask by ${large}.`);
    expect(await load().count()).toBe(0);
  });
});

test('a visitor who saves data is offered the large model; a number of threads is no choice of a model', async () => {
  const studio = await openStudio(browser);
  const { page, host } = studio;
  await page.getByText('works offline').waitFor();
  await says(page, `Mask by ${small}. This browser is set to save data.`);
  await page.getByText('Choose a runtime').click();
  const count = Math.min(16, await page.evaluate(() => navigator.hardwareConcurrency));
  await page.getByLabel('Threads').selectOption(String(count));
  await page.getByText(new RegExp(`^wasm · ${count} thread`)).waitFor();
  await waitForMask(page);
  expect(host.requests.filter((path) => path.startsWith('/models/people/'))).toEqual([]);
  await page.getByRole('button', { name: `Load ${large}` }).click();
  await says(page, `Mask by ${large}.`);
  await studio.close();
});

test('the service worker keeps the model of the first mask, and no other', async () => {
  const worker = await readFile(join(inject('site'), 'service_worker.js'), 'utf8');
  const files = ['model.int8.safetensors', 'config.json'].map((file) => `models/people-small/${file}`);
  expect(worker).toContain(`"firstModel":${JSON.stringify(files)}`);
});
