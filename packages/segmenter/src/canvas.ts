import { AtrousError, inWords, messageOf } from '@atrous/tensor';

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** A canvas' context for pixels. @throws AtrousError `input` for one that cannot be drawn on */
export function contextOf(canvas: HTMLCanvasElement | OffscreenCanvas): Context {
  expectCanvas(canvas);
  let context: Context | null;
  try {
    context = canvas.getContext('2d') as Context | null;
  } catch (cause) {
    throw new AtrousError('input', `canvas: it cannot be drawn on: ${messageOf(cause)}`, { cause });
  }
  if (context) return context;
  throw new AtrousError(
    'input',
    'canvas: it has a context of another kind already (webgpu, webgl, bitmaprenderer): give a canvas that nothing else draws on',
  );
}

/** @throws AtrousError `input` */
export function expectCanvas(canvas: unknown): asserts canvas is HTMLCanvasElement | OffscreenCanvas {
  if (typeof canvas === 'object' && canvas !== null && 'getContext' in canvas) return;
  throw new AtrousError('input', `canvas: expected a canvas, got ${inWords(canvas)}`);
}
