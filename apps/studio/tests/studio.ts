import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright';
import { expect, inject } from 'vitest';
import { type Format, formats } from '../src/formats.ts';
import { isolation } from '../src/offline/headers.ts';
import { type StaticHost, serveStatic } from './server.ts';

const fromRoot = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** A picture without alpha, and a photo: both may be shipped. */
export const astronautPng: string = fromRoot('apps/cli/examples/astronaut.png');
export const astronautJpeg: string = fromRoot('apps/studio/samples/astronaut.jpg');
export const models = {
  people: fromRoot('packages/model-people/'),
  peopleSmall: fromRoot('packages/model-people-small/'),
  street: fromRoot('packages/model-street/'),
  /** Small, in single precision, and of the first format of a config. */
  quarter: fromRoot('packages/golden/models/quarter/'),
};
export const commandLine: string = fromRoot('apps/cli/src/main.ts');
/** Test pictures beside the checkout; absent on a user's machine. */
export const sharedData: string = fromRoot('../shared/data/');

/** Debian's Chromium. */
export const launch = (...args: string[]): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.ATROUS_CHROMIUM || '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--disable-quic',
      ...args,
    ],
  });

export interface StudioOptions {
  readonly context?: BrowserContextOptions;
  /** Whether the host sends isolation headers by itself. @default true */
  readonly isolated?: boolean;
  /** The folder of another build. @default the one of all tests */
  readonly site?: string;
  /** Whether the large people model comes behind the small one; else the browser says that it saves data. @default false */
  readonly large?: boolean;
  /** Called before the page is opened. */
  readonly before?: (host: StaticHost) => void;
  /** Called before there is a page, to answer its requests in another way. */
  readonly route?: (context: BrowserContext) => Promise<void>;
  /** What may stand on the console. @default nothing */
  readonly ignore?: RegExp;
}

/** The studio in a new profile, as a visitor opens it. */
export async function openStudio(browser: Browser, options: StudioOptions = {}) {
  const host = await serveStatic(options.site ?? inject('site'), options.isolated === false ? {} : isolation);
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options.context });
  const troubles: string[] = [];
  context.on('console', (message) => {
    const text = message.text();
    if (['error', 'warning'].includes(message.type()) && !options.ignore?.test(text)) troubles.push(text);
  });
  context.on('weberror', (error) => troubles.push(String(error.error())));
  await context.exposeFunction('reportViolation', (text: string) => troubles.push(`policy: ${text}`));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      (globalThis as unknown as { reportViolation(text: string): void }).reportViolation(
        `${violatedDirective} ${blockedURI}`,
      );
    });
  });
  if (!options.large) {
    await context.addInitScript(() => {
      Object.defineProperty(navigator, 'connection', { value: { saveData: true } });
    });
  }
  options.before?.(host);
  await options.route?.(context);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(host.url);
  return {
    page,
    host,
    /** Ends it; nothing may have gone wrong on the way. */
    async close(): Promise<void> {
      await context.close();
      await host.stop();
      expect(troubles, 'console, errors and policy violations').toEqual([]);
    },
  };
}
export type Studio = Awaited<ReturnType<typeof openStudio>>;

/** What the studio shows first. */
export const firstSample = 'soccer.jpg';

/** Looks at a picture of the film strip. */
export const look = (page: Page, name = firstSample): Promise<void> =>
  page.getByRole('button', { name: new RegExp(`^${name.replaceAll('.', '\\.')}`) }).click();

/** Waits until the stage shows a mask, of the picture with this name. */
export async function waitForMask(page: Page, name = firstSample): Promise<void> {
  await page.getByRole('img', { name: `${name} with its mask` }).waitFor();
  await page.locator('.surface canvas[data-shows=mask]').waitFor();
}

/** Opens files by the button. */
export const choose = (page: Page, files: Parameters<ReturnType<Page['locator']>['setInputFiles']>[0]) =>
  page.getByLabel('Open pictures, a video or a model').setInputFiles(files);

export interface GivenFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** Drops or pastes files onto the page. */
export async function give(page: Page, event: 'drop' | 'paste', files: readonly GivenFile[]): Promise<void> {
  const posted = files.map(({ name, type, bytes }) => {
    return { name, type, base64: Buffer.from(bytes).toString('base64') };
  });
  await page.evaluate(
    ([kind, given]) => {
      const data = new DataTransfer();
      for (const { name, type, base64 } of given) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        data.items.add(new File([bytes], name, { type }));
      }
      const made =
        kind === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
      document.body.dispatchEvent(made);
    },
    [event, posted] as const,
  );
}

export const fileOf = async (path: string, type: string): Promise<GivenFile> => ({
  name: path.split('/').at(-1)!,
  type,
  bytes: await readFile(path),
});

/** Saves what is shown, and reads it. */
export async function saved(page: Page, format: Format): Promise<{ name: string; bytes: Buffer }> {
  const { title, detail } = formats[format];
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `Save ${title}, ${detail}`, exact: true }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

export const chooseMode = (page: Page, name: string) =>
  page.getByRole('radio', { name, exact: true }).check({ force: true });

/** The canvas' pixels, as they are on the page. */
export async function canvasPixels(
  page: Page,
  selector = '.surface canvas',
): Promise<{ width: number; height: number; data: Buffer }> {
  const { width, height, base64 } = await page.evaluate(async (selector) => {
    const canvas = document.querySelector<HTMLCanvasElement>(selector)!;
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext('2d')!;
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const url = await new Promise<string>((resolve) => {
      const reader = new FileReader();
      reader.onload = () => resolve(String(reader.result));
      reader.readAsDataURL(new Blob([data]));
    });
    return { width: canvas.width, height: canvas.height, base64: url.split(',')[1] };
  }, selector);
  return { width, height, data: Buffer.from(base64, 'base64') };
}

export const errorMessage = (page: Page) => page.getByRole('alert').last();

/** Takes a runtime by its title, and waits until it has segmented everything anew. */
export async function chooseRuntime(page: Page, title: string, name: string): Promise<void> {
  const radio = page.getByRole('radio', { name: title, exact: true });
  if (!(await radio.isVisible())) await page.getByText('Choose a runtime').click();
  await page.getByText('Looking what this browser has').waitFor({ state: 'detached' });
  await radio.click();
  await page.getByText(new RegExp(`^${name} ·`)).waitFor();
  await page.locator('.film-strip li:not(.done)').first().waitFor({ state: 'detached' });
}
