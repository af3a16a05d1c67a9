import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tinyFiles } from '../../../packages/zoo/src/test_model.ts';
import { canvasPixels, chooseMode, chooseRuntime, launch, openStudio, type Studio, saved } from './studio.ts';

let browser: Browser;
let studio: Studio;
beforeAll(async () => {
  const tiny = new Map((await tinyFiles()).map((file) => [file.name, file]));
  browser = await launch(
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-features=Vulkan',
    '--use-vulkan=swiftshader',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
  );
  studio = await openStudio(browser, {
    // software adapters are taken, as nothing does by itself, and the network is one that is done in a moment
    async route(context) {
      await context.route('**/*.js', async (route) => {
        const response = await route.fetch();
        const body = (await response.text()).replaceAll(
          /allowSoftware:(\w+)=(!1|false)/g,
          'allowSoftware:$1=true',
        );
        await route.fulfill({ response, body });
      });
      await context.route('**/models/people-small/*', async (route) => {
        const name = new URL(route.request().url()).pathname.split('/').at(-1)!;
        const file = tiny.get(name);
        await route.fulfill(file ? { body: Buffer.from(await file.arrayBuffer()) } : { status: 404 });
      });
    },
  });
});
afterAll(async () => {
  await studio.close();
  await browser.close();
});

test('a camera is drawn on the GPU by the network’s worker, in one look and another, and saved', async () => {
  const { page } = studio;
  page.setDefaultTimeout(150_000);
  await chooseRuntime(page, 'Atrous engine (WebGPU)', 'webgpu'); // of itself the studio finds that a tiny network is faster on the CPU
  await page.getByRole('button', { name: 'Camera' }).click();
  const drawn = page.locator('.surface canvas + canvas[data-shows=mask]');
  await drawn.waitFor();
  const colours = async () => {
    const { data } = await canvasPixels(page, '.surface canvas + canvas');
    return new Set(new Uint32Array(data.buffer, data.byteOffset, data.length / 4)).size;
  };
  await expect.poll(colours, { timeout: 60_000 }).toBeGreaterThan(10);
  await chooseMode(page, 'Mask');
  await expect.poll(colours, { timeout: 60_000 }).toBeLessThan(4); // classes alone
  expect((await saved(page, 'mask')).name).toBe('Camera-frame.mask.png');
  await page.getByRole('group', { name: 'Live' }).getByRole('button', { name: 'Stop' }).click();
  await drawn.waitFor({ state: 'detached' });
  expect(await page.getByRole('alert').allTextContents()).toEqual([]);
}, 600_000);
