import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeLabelPng } from '@atrous/mask';
import { wasm } from '@atrous/runtime-wasm';
import { Segmenter } from '@atrous/segmenter';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { contentSecurityPolicy, isolation } from '../../apps/studio/src/offline/headers.ts';
import { type StaticHost, serveStatic } from '../../apps/studio/tests/server.ts';
import { type Browser, patience } from '../src/browser.ts';
import { browsers } from '../src/browsers.ts';

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const astronaut = fromRoot('apps/cli/examples/astronaut.png');
/** Pictures to look at: git ignores them. */
const screenshots = fromRoot('browsers/screenshots/');

/** Browsers report here what the policy forbade. */
const reports = '/forbidden';
const policy = { 'Content-Security-Policy': `${contentSecurityPolicy}; report-uri ${reports}` };

/** Waits until an element is seen, and gives its text. */
const waitFor = (browser: Browser, selector: string, pattern = ''): Promise<string> =>
  browser.evaluate(
    async (wanted, text, limit) => {
      for (const start = performance.now(); performance.now() - start < limit; ) {
        for (const each of document.querySelectorAll(wanted)) {
          const shown = each.textContent ?? '';
          if (each.checkVisibility() && new RegExp(text).test(shown)) return shown;
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const page = document.body.textContent.replace(/\s+/g, ' ').slice(0, 600);
      throw new Error(`"${wanted}" with /${text}/ did not come; the page says: ${page}`);
    },
    selector,
    pattern,
    patience - 10_000,
  );

/** Waits until the stage shows the mask of a picture of that name. */
async function waitForMask(browser: Browser, name: string): Promise<void> {
  await waitFor(browser, `[role=img][aria-label="${name} with its mask"]`);
  await waitFor(browser, '.surface canvas[data-shows=mask]');
}

const press = (browser: Browser, selector: string): Promise<void> =>
  browser.evaluate((wanted) => {
    const button = document.querySelector<HTMLElement>(wanted);
    if (!button) throw new Error(`the page has no "${wanted}"`);
    button.click();
  }, selector);

/** The one file that was downloaded. */
async function downloaded(browser: Browser): Promise<{ name: string; bytes: Uint8Array }> {
  const [name] = await vi.waitFor(
    async () => {
      const files = await readdir(browser.downloads);
      // what is not whole yet lies beside it by another name
      expect(files.filter((file) => !/\.(part|crdownload|wkdownload)$/.test(file))).toHaveLength(1);
      expect(files).toHaveLength(1);
      return files;
    },
    { timeout: 20_000, interval: 100 },
  );
  return { name, bytes: await readFile(join(browser.downloads, name)) };
}

/** The labels of the picture by the model that the studio ends with, in Node, by each build of the engine. */
let inNode: Promise<Uint8Array[]> | undefined;
const bothInNode = (): Promise<Uint8Array[]> => {
  inNode ??= Promise.all([labelsInNode('relaxed'), labelsInNode('simd')]);
  return inNode;
};

async function labelsInNode(build: 'relaxed' | 'simd'): Promise<Uint8Array> {
  const segmenter = await Segmenter.load(fromRoot('packages/model-people/'), {
    runtime: wasm({ build }),
    precision: 'int8',
  });
  const { labels } = await segmenter.segment(astronaut);
  await segmenter.dispose();
  return Uint8Array.from(labels.data);
}

describe.each(browsers)('$name', ({ name, path, launch }) => {
  describe.skipIf(!path)(path ? 'the studio' : 'is not installed here: the studio', () => {
    let browser: Browser;
    let host: StaticHost | undefined;
    beforeAll(async () => {
      browser = await launch(path!);
    });
    afterEach(async () => {
      const forbidden = host?.requests.filter((request) => request === reports);
      await host?.stop();
      host = undefined;
      expect(forbidden, 'violations of the policy').toEqual([]);
    });
    afterAll(() => browser?.close());

    test('a picture in, its mask by the large model, and its file out: the labels of Node, bit for bit', async () => {
      host = await serveStatic(inject('site'), { ...isolation, ...policy });
      await browser.open(host.url);
      await waitForMask(browser, 'soccer.jpg');
      expect(await browser.evaluate(() => crossOriginIsolated)).toBe(true);
      await waitFor(browser, 'header', 'wasm · [2-9]\\d* threads');
      await browser.upload('header input[type=file]', [astronaut]);
      await waitForMask(browser, 'astronaut.png');
      await waitFor(browser, 'main', 'Mask by People \\(');
      await waitForMask(browser, 'astronaut.png');
      await press(browser, 'button[aria-label^="Save Mask"]');
      const file = await downloaded(browser);
      expect(file.name).toBe('astronaut.mask.png');
      const labels = decodeLabelPng(file.bytes, file.name);
      expect([labels.width, labels.height]).toEqual([512, 512]);
      const same = (await bothInNode()).map((expected) =>
        expected.every((label, i) => label === labels.data[i]),
      );
      expect(same, 'equal to relaxed SIMD or to SIMD128').toContain(true);

      await mkdir(screenshots, { recursive: true });
      await writeFile(join(screenshots, `${name}.png`), await browser.screenshot());
    });

    test('from a host that sends no headers: one thread first, then without the network, on threads', async () => {
      host = await serveStatic(inject('site'), policy);
      await browser.open(host.url);
      await waitForMask(browser, 'soccer.jpg');
      expect(await browser.evaluate(() => crossOriginIsolated)).toBe(false);
      await waitFor(browser, 'header', 'wasm · 1 thread');
      await waitFor(browser, 'header', 'works offline');
      const { url } = host;
      await host.stop();
      await browser.open(url);
      await waitForMask(browser, 'soccer.jpg');
      expect(await browser.evaluate(() => crossOriginIsolated)).toBe(true);
      await browser.upload('header input[type=file]', [astronaut]);
      await waitForMask(browser, 'astronaut.png');
    });
  });
});
