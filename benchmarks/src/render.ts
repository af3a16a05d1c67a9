// Frames to a canvas by `segmenter.render` on the GPU, in a page of Chromium on its software adapter, unless told otherwise: what is left behind of buffers,
// textures and video frames, what is read back, and how long the page's thread is busy at a time. Fails where anything is left or read.
//
//   node --conditions=@atrous/source benchmarks/src/render.ts [--model tiny|people-small] [--frames 2000] [--hardware]
import { parseArgs } from 'node:util';
import { openGpuPage } from './gpu_page.ts';
import type { RenderCounts } from './render_page.ts';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string', default: 'tiny' },
    frames: { type: 'string', default: '2000' },
    hardware: { type: 'boolean', default: false },
  },
});

const { page, browser, close } = await openGpuPage('render.html', options.hardware);
const troubles: string[] = [];
page.on('pageerror', ({ message }) => troubles.push(message));
page.on('console', (message) => {
  if (['warning', 'error'].includes(message.type())) troubles.push(message.text());
});
try {
  await page.waitForFunction('globalThis.renderFrames !== undefined');
  const counts = await page.evaluate(
    ([model, frames]) =>
      (
        globalThis as unknown as { renderFrames(model: string, frames: number): Promise<RenderCounts> }
      ).renderFrames(model, frames),
    [options.model, Number(options.frames)] as const,
  );
  console.log(`Chromium ${browser.version()}`, JSON.stringify(counts, null, 1));
  const { before, after, disposed, openFrames } = counts;
  const isKept = JSON.stringify(before) !== JSON.stringify(after) || openFrames > 0;
  const isLeft = disposed.count > 0 || disposed.textures > 0;
  if (isKept || isLeft || after.readBacks > 0) troubles.push('something was left behind or read back');
  if (troubles.length > 0) throw new Error(troubles.join('\n'));
} finally {
  await close();
}
