import { AtrousError, inWords, messageOf } from '@atrous/tensor';
import type { Host } from '../host.ts';

/** Something that is drawn on. */
export interface Surface {
  readonly format: GPUTextureFormat;
  /** What is drawn on now, of a size. */
  view(width: number, height: number): GPUTextureView;
}

const surfaces = new WeakMap<
  HTMLCanvasElement | OffscreenCanvas,
  { readonly host: Host; readonly surface: Surface }
>();

/** A canvas, its context set up for a device. @throws AtrousError `input` for one that cannot be drawn on */
export function surfaceOf(host: Host, canvas: HTMLCanvasElement | OffscreenCanvas): Surface {
  const known = surfaces.get(canvas);
  if (known?.host === host) return known.surface;
  const context = contextOf(canvas);
  const format = navigator.gpu.getPreferredCanvasFormat();
  context.configure({ device: host.device, format, alphaMode: 'premultiplied' });
  const surface: Surface = {
    format,
    view(width, height) {
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      return context.getCurrentTexture().createView();
    },
  };
  surfaces.set(canvas, { host, surface });
  return surface;
}

function contextOf(canvas: HTMLCanvasElement | OffscreenCanvas): GPUCanvasContext {
  if (typeof canvas !== 'object' || canvas === null || !('getContext' in canvas))
    throw new AtrousError('input', `canvas: expected a canvas, got ${inWords(canvas)}`);
  let context: GPUCanvasContext | null;
  try {
    context = canvas.getContext('webgpu') as GPUCanvasContext | null;
  } catch (cause) {
    throw new AtrousError('input', `canvas: it cannot be drawn on: ${messageOf(cause)}`, { cause });
  }
  if (context) return context;
  throw new AtrousError(
    'input',
    'canvas: it has a context of another kind already (2d, webgl, bitmaprenderer): give a canvas that nothing else draws on',
  );
}
