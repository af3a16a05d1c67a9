import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { axe } from './axe.ts';
import { astronautPng, choose, chooseMode, launch, openStudio, type Studio, waitForMask } from './studio.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launch('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream');
});
afterAll(() => browser.close());

/** What shows that a tab has its content. */
const contentOf: Readonly<Record<string, string>> = {
  Times: 'table',
  'Network and features': '.blocks',
  'Compare runtimes': '.compare select:has(option)',
};

describe.each(['light', 'dark'] as const)('axe-core finds nothing, %s', (colorScheme) => {
  let studio: Studio;
  let page: Page;
  beforeAll(async () => {
    studio = await openStudio(browser, { context: { colorScheme, reducedMotion: 'reduce' } });
    page = studio.page;
    await waitForMask(page);
  });
  afterAll(() => studio.close());

  test('at first', async () => expect(await axe(page)).toEqual([]));
  test.each(['Replace background', 'Confidence', 'Overlay'])('%s', async (mode) => {
    await chooseMode(page, mode);
    expect(await axe(page)).toEqual([]);
  });
  test('compared by the wipe, with everything unfolded', async () => {
    await page.getByLabel('Compare with the picture').check();
    await page.getByText('A model of your own').click();
    await page.getByText('Choose a runtime').click();
    await page.getByText('Looking what this browser has').waitFor({ state: 'detached' });
    expect(await axe(page)).toEqual([]);
  });
  test.each(['Times', 'Network and features', 'Compare runtimes'])('under the bonnet: %s', async (tab) => {
    if (tab === 'Times') await page.getByText('Under the bonnet').click();
    await page.getByRole('tab', { name: tab, exact: true }).click();
    await page.locator(contentOf[tab]).first().waitFor();
    expect(await axe(page)).toEqual([]);
  });
  test('live', async () => {
    await page.getByRole('button', { name: 'Camera' }).click();
    await page.getByRole('img', { name: 'Camera with its mask' }).waitFor();
    expect(await axe(page)).toEqual([]);
    await page.getByRole('group', { name: 'Live' }).getByRole('button', { name: 'Stop' }).click();
    await waitForMask(page);
  });
  test('an error', async () => {
    await choose(page, { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('x') });
    await page.locator('.notice.failed').waitFor();
    expect(await axe(page)).toEqual([]);
  });
});

test('a wide page does not scroll, whatever is unfolded', async () => {
  const studio = await openStudio(browser);
  const { page } = studio;
  await waitForMask(page);
  await page.getByText('A model of your own').click();
  await page.getByText('Choose a runtime').click();
  await page.getByText('Looking what this browser has').waitFor({ state: 'detached' });
  await page.getByText('Under the bonnet').click();
  const [all, seen] = await page.evaluate(() => {
    const { scrollHeight, clientHeight } = document.documentElement;
    return [scrollHeight, clientHeight];
  });
  expect(all).toBe(seen);
  expect(await page.locator('.bar-group .size').textContent()).toMatch(/^\d+ × \d+$/);
  await studio.close();
});

test('a phone: the picture is seen beside its controls, and what a block makes of it beside the block', async () => {
  const studio = await openStudio(browser, { context: { viewport: { width: 390, height: 844 } } });
  const { page } = studio;
  await waitForMask(page);
  await page.getByRole('heading', { name: 'Save' }).scrollIntoViewIfNeeded();
  const canvas = (await page.locator('.surface canvas').boundingBox())!;
  expect(canvas.y).toBeGreaterThanOrEqual(0);
  expect(canvas.y + canvas.height).toBeLessThan(844 * 0.6);
  await page.getByText('Under the bonnet').click();
  await page.getByRole('tab', { name: 'Network' }).click();
  const block = page.locator('.block').last();
  await block.click();
  const maps = page.getByRole('img', { name: /^Feature maps/ });
  await maps.waitFor();
  const [at, chosen] = [(await maps.boundingBox())!, (await block.boundingBox())!];
  expect([at.y >= 0, at.y + at.height <= 844, chosen.y > 0, chosen.y < 844]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  await studio.close();
});

test('a reload looks as before: mode, palette and model', async () => {
  const studio = await openStudio(browser);
  const { page } = studio;
  await waitForMask(page);
  await chooseMode(page, 'Cut-out');
  await page.getByLabel('Palette').selectOption('okabeIto');
  await page.getByRole('radio', { name: /^Street/ }).click();
  await page.getByText('Mask by Street (').waitFor();
  await page.reload();
  await page.getByText('Mask by Street (').waitFor();
  expect(await page.getByRole('radio', { name: 'Cut-out' }).isChecked()).toBe(true);
  expect(await page.getByLabel('Palette').inputValue()).toBe('okabeIto');
  await studio.close();
});

test('a phone: nothing is wider than it', async () => {
  const studio = await openStudio(browser, { context: { viewport: { width: 360, height: 740 } } });
  await waitForMask(studio.page);
  await studio.page.getByText('Under the bonnet').click();
  const width = await studio.page.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(360);
  expect(await axe(studio.page)).toEqual([]);
  await studio.close();
});

describe('by keyboard, pointer and under the bonnet', () => {
  let studio: Studio;
  let page: Page;
  beforeAll(async () => {
    studio = await openStudio(browser);
    page = studio.page;
    await choose(page, astronautPng);
    await waitForMask(page, 'astronaut.png');
  });
  afterAll(() => studio.close());
  const zoom = () => page.locator('.bar-group .wide').textContent();

  test('keys zoom, move and ask', async () => {
    await page.getByRole('application', { name: 'Picture and mask' }).focus();
    await page.keyboard.press('1');
    expect(await zoom()).toBe('100 %');
    await page.keyboard.press('+');
    expect(await zoom()).toBe('125 %');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('0');
    await page.keyboard.press('Shift+ArrowRight');
    await page
      .locator('.probe')
      .filter({ hasText: /^[a-z]+ \d+\.\d %$/ })
      .waitFor();
  });

  test('every control is reached by Tab, and has a name', async () => {
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    const seen = new Set<string>();
    for (let i = 0; i < 90; i++) {
      await page.keyboard.press('Tab');
      seen.add(
        await page.evaluate(() => {
          const element = document.activeElement as HTMLElement & { labels?: NodeListOf<HTMLElement> };
          return element.ariaLabel ?? element.labels?.[0]?.textContent.trim() ?? element.textContent.trim();
        }),
      );
    }
    for (const name of ['Camera', 'Samples', 'Picture and mask', 'Zoom in', 'Under the bonnet', 'Hide hair'])
      expect([...seen]).toContain(name);
    expect([...seen]).not.toContain('');
  });

  test('wheel and drag; the class under the pointer', async () => {
    await page.getByRole('button', { name: 'pixel for pixel' }).click();
    const box = (await page.locator('.surface').boundingBox())!;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await page.getByRole('application', { name: 'Picture and mask' }).focus();
    await page.keyboard.press('Escape');
    await page.locator('.probe').waitFor({ state: 'detached' });
    await page.mouse.move(x, y);
    await page.locator('.probe').filter({ hasText: '%' }).waitFor();
    await page.mouse.wheel(0, -300);
    await expect.poll(zoom).toBe('182 %');
    const left = () =>
      page
        .locator('.surface canvas')
        .evaluate((canvas) => Number.parseFloat((canvas as HTMLElement).style.left));
    await page.mouse.wheel(0, 500);
    await expect.poll(zoom).toBe('67 %');
    await page.waitForTimeout(300); // the canvas follows with the next drawing
    const before = await left();
    await page.mouse.down();
    await page.mouse.move(x + 60, y + 40, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => Math.abs((await left()) - before - 60)).toBeLessThanOrEqual(2);
    await page.getByRole('button', { name: 'Fit' }).click();
  });

  test('two fingers zoom', async () => {
    const before = Number.parseInt(String(await zoom()), 10);
    await page.locator('.surface').evaluate((surface) => {
      const { left, top, width, height } = surface.getBoundingClientRect();
      const touch = (type: string, pointerId: number, dx: number) =>
        surface.dispatchEvent(
          new PointerEvent(type, {
            pointerId,
            pointerType: 'touch',
            clientX: left + width / 2 + dx,
            clientY: top + height / 2,
            bubbles: true,
          }),
        );
      (surface as HTMLElement).setPointerCapture = () => {}; // there are no such fingers
      touch('pointerdown', 11, -50);
      touch('pointerdown', 12, 50);
      for (let d = 50; d <= 100; d += 10) {
        touch('pointermove', 11, -d);
        touch('pointermove', 12, d);
      }
      touch('pointerup', 11, -100);
      touch('pointerup', 12, 100);
    });
    const after = Number.parseInt(String(await zoom()), 10);
    expect(after / before).toBeGreaterThan(1.9);
    expect(after / before).toBeLessThan(2.1);
    await page.getByRole('button', { name: 'Fit' }).click();
  });

  test('the wipe is moved by keys', async () => {
    await page.getByLabel('Compare with the picture').check();
    const slider = page.getByRole('slider', { name: /Picture on the left/ });
    await slider.focus();
    await page.keyboard.press('Home');
    expect(await slider.getAttribute('aria-valuenow')).toBe('0');
    await page.keyboard.press('ArrowRight');
    expect(await slider.getAttribute('aria-valuenow')).toBe('2');
    await page.getByLabel('Compare with the picture').uncheck();
  });

  test('the network as blocks, and a block as feature maps', async () => {
    await page.getByText('Under the bonnet').click();
    await page.getByRole('tab', { name: 'Network and features' }).click();
    await page.getByText(/input \d+ × \d+ pixels, [\d.]+ [MG] multiply-adds, [\d.]+ M parameters/).waitFor();
    await page.getByRole('button', { name: /^entry flow\/block2 / }).click();
    await page.getByRole('img', { name: 'Feature maps of entry flow/block2' }).waitFor();
    await page.getByText(/64 of 256 channels/).waitFor();
  });

  test('two runtimes, and the pixels that differ', async () => {
    await page.getByRole('tab', { name: 'Compare runtimes' }).click();
    await page.getByLabel('First runtime').selectOption('wasm');
    await page.getByLabel('Second runtime').selectOption('onnx:wasm');
    await page.getByRole('button', { name: 'Run both' }).click();
    await page.getByText(/^\d+ pixels differ/).waitFor();
    const text = await page.getByText(/^\d+ pixels differ/).textContent();
    expect(Number.parseInt(String(text), 10)).toBeLessThan(30);
  });
});

test('the main thread is never busy for 50 ms while it segments with all cores but one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'atrous-studio-tasks-'));
  const studio = await openStudio(browser);
  const { page } = studio;
  await waitForMask(page);
  await page.locator('.film-strip .done').nth(1).waitFor();
  await page.waitForTimeout(1000);
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({
      type: 'longtask',
    });
  });
  const rounds: number[][] = [];
  for (const round of ['a', 'b', 'c']) {
    for (const name of [`${round}1.png`, `${round}2.png`, `${round}3.png`]) {
      await copyFile(astronautPng, join(folder, name));
      await choose(page, join(folder, name)); // by path: the page itself does nothing for it
      await waitForMask(page, name);
    }
    rounds.push(
      await page.evaluate(() =>
        (globalThis as unknown as { tasks: number[] }).tasks.splice(0).map(Math.round),
      ),
    );
  }
  console.log(`long tasks while segmenting, in three rounds of three pictures: ${JSON.stringify(rounds)}`);
  // a machine that others use may stop any round for a while, but what the page does shows in all
  expect(rounds).toContainEqual([]);
  await studio.close();
  await rm(folder, { recursive: true });
});
