// Takes the README's pictures of the built site: `pnpm --filter studio build && pnpm --filter studio screenshots`.
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from 'playwright';
import sharp from 'sharp';
import { isolation } from '../src/offline/headers.ts';
import { serveStatic } from '../tests/server.ts';

const folder = fileURLToPath(new URL('../docs/', import.meta.url));
const host = await serveStatic(fileURLToPath(new URL('../dist', import.meta.url)), isolation);
const browser = await chromium.launch({
  executablePath: process.env.ATROUS_CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
});

/** A state of the page, and how to reach it. */
interface Shot {
  readonly colorScheme: 'light' | 'dark';
  readonly size: readonly [width: number, height: number];
  reach(page: Page): Promise<void>;
}

const mode = (page: Page, name: string) =>
  page.getByRole('radio', { name, exact: true }).check({ force: true });

const shots: Readonly<Record<string, Shot>> = {
  overlay: {
    colorScheme: 'light',
    size: [1280, 800],
    async reach(page) {
      await page.getByRole('application').focus();
      await page.keyboard.press('Shift+ArrowUp');
      for (let step = 0; step < 5; step++) await page.keyboard.press('Shift+ArrowLeft'); // onto somebody
      await page.locator('.probe').waitFor();
    },
  },
  wipe: {
    colorScheme: 'dark',
    size: [1280, 800],
    async reach(page) {
      await page.getByRole('button', { name: /^women_on_phones/ }).click();
      await page.getByRole('img', { name: 'women_on_phones.jpg with its mask' }).waitFor();
      await mode(page, 'Mask');
      await page.getByLabel('Palette').selectOption('krzywinski');
      await page.getByLabel('Compare with the picture').check();
    },
  },
  network: {
    colorScheme: 'light',
    size: [1280, 1000],
    async reach(page) {
      await mode(page, 'Blur background');
      await page.getByText('Under the bonnet').click();
      await page.getByRole('tab', { name: 'Network' }).click();
      await page.getByRole('button', { name: /^entry flow\/block2 / }).click();
      await page.getByRole('img', { name: /^Feature maps/ }).waitFor();
    },
  },
  phone: {
    colorScheme: 'dark',
    size: [390, 844],
    reach: (page) => mode(page, 'Cut-out'),
  },
};

await mkdir(folder, { recursive: true });
for (const [name, { colorScheme, size, reach }] of Object.entries(shots)) {
  const [width, height] = size;
  const context = await browser.newContext({ colorScheme, viewport: { width, height } });
  const page = await context.newPage();
  await page.goto(host.url);
  await page.getByText('Mask by People (').waitFor();
  await page.locator('.film-strip .done').nth(3).waitFor({ timeout: 120_000 });
  await reach(page);
  await page.waitForTimeout(4000); // the last drawing, soft edges, and messages that go
  await sharp(await page.screenshot())
    .jpeg({ quality: 84, mozjpeg: true })
    .toFile(`${folder}${name}.jpg`);
  await context.close();
}
await browser.close();
await host.stop();
