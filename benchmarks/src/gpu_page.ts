import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright';
import { createServer, defaultClientConditions } from 'vite';
import { sourceWorkers } from '../../scripts/source_workers.ts';

/** Chromium draws canvases of WebGPU on this adapter with all of them; without them it has none, or its GPU process dies. */
const software = [
  '--use-webgpu-adapter=swiftshader',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

/** A page of this folder in Chromium with WebGPU: on its software adapter, unless hardware is asked for. */
export async function openGpuPage(
  file: string,
  isHardware: boolean,
): Promise<{ readonly page: Page; readonly browser: Browser; close(): Promise<void> }> {
  const server = await createServer({
    root: fileURLToPath(new URL('..', import.meta.url)),
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@atrous/source', ...defaultClientConditions] },
    plugins: [sourceWorkers()],
    optimizeDeps: { exclude: ['onnxruntime-web'] },
    publicDir: fileURLToPath(new URL('../../packages', import.meta.url)),
    server: {
      port: 0,
      hmr: false,
      watch: null,
      fs: { allow: [fileURLToPath(new URL('../..', import.meta.url))] },
      headers: {
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
      },
    },
  });
  await server.listen();
  const browser = await chromium.launch({
    executablePath: process.env.ATROUS_CHROMIUM || '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      '--enable-features=Vulkan',
      ...(isHardware ? [] : software),
    ],
  });
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(`${server.resolvedUrls!.local[0]}${file}`);
  return {
    page,
    browser,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
