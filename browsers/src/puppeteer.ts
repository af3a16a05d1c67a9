import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ElementHandle, type LaunchOptions, launch } from 'puppeteer-core';
import { type Browser, patience, tab } from './browser.ts';
import { openScreen } from './screen.ts';

/** A browser that puppeteer speaks to. */
async function launchBy(options: LaunchOptions, downloads: string, onClose = () => {}): Promise<Browser> {
  const browser = await launch({ headless: true, protocolTimeout: 2 * patience, ...options });
  const [page = await browser.newPage()] = await browser.pages();
  await page.setViewport(tab);
  return {
    version: (await browser.version()).split('/')[1],
    downloads,
    async open(url) {
      await page.goto(url);
    },
    evaluate: (call, ...args) => page.evaluate(call as unknown as (...args: unknown[]) => never, ...args),
    screenshot: () => page.screenshot(),
    async upload(selector, files) {
      const field = (await page.$(selector)) as ElementHandle<HTMLInputElement> | null;
      if (!field) throw new Error(`upload: the page has no "${selector}"`);
      await field.uploadFile(...files);
    },
    async close() {
      await browser.close();
      onClose();
      await rm(downloads, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

const newFolder = () => mkdtemp(join(tmpdir(), 'atrous-downloads-'));

/** Chromium by its own protocol, with a GPU in software. */
export async function launchChromium(executablePath: string): Promise<Browser> {
  const downloads = await newFolder();
  const args = [
    '--no-sandbox',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic',
    '--enable-unsafe-webgpu',
    '--use-webgpu-adapter=swiftshader',
    '--enable-features=Vulkan',
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
  ];
  const downloadBehavior = { policy: 'allow', downloadPath: downloads } as const;
  return launchBy({ executablePath, args, downloadBehavior }, downloads);
}

/** Firefox has WebGPU of itself on Windows and macOS; on Linux it is to be turned on, and takes no driver in software unless told to. */
const withGpu = { 'dom.webgpu.enabled': true, 'gfx.webgpu.ignore-blocklist': true };

/**
 * Firefox by WebDriver BiDi. It draws nothing of its own to see, but looks for a screen before it has WebGL.
 * @param vulkan the manifest of a Vulkan driver for WebGPU
 */
export async function launchFirefox(executablePath: string, vulkan?: string): Promise<Browser> {
  const downloads = await newFolder();
  const screen = await openScreen();
  const extraPrefsFirefox = {
    'browser.download.folderList': 2,
    'browser.download.dir': downloads,
    'webgl.force-enabled': true,
    ...(vulkan && withGpu),
  };
  const env = { ...process.env, DISPLAY: screen.display, ...(vulkan && { VK_ICD_FILENAMES: vulkan }) };
  return launchBy({ browser: 'firefox', executablePath, extraPrefsFirefox, env }, downloads, screen.close);
}
