import { AtrousError } from '@atrous/tensor';

export type Context = OffscreenCanvasRenderingContext2D;

/** A canvas in this thread. @throws AtrousError `memory` */
export function canvasOf(width: number, height: number): Context {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (!context) throw new AtrousError('memory', `cannot create a ${width}×${height} canvas`);
  return context;
}

const kept = new Map<string, readonly Context[]>();
/** A stage and a film have canvases of their own sizes, in turn. */
const keptSizes = 2;

/** The canvas for a purpose, emptied: a video would leave a new one behind with every frame. */
export function canvasFor(purpose: string, width: number, height: number): Context {
  const those = kept.get(purpose) ?? [];
  const known = those.find(({ canvas }) => canvas.width === width && canvas.height === height);
  known?.reset();
  const context = known ?? canvasOf(width, height);
  kept.set(purpose, [context, ...those.filter((other) => other !== known)].slice(0, keptSizes));
  return context;
}

/** Pixels as a canvas of their own, to be scaled. */
export function canvasFrom(pixels: ImageData): OffscreenCanvas {
  const context = canvasOf(pixels.width, pixels.height);
  context.putImageData(pixels, 0, 0);
  return context.canvas;
}

/** Draws pixels with their alpha, as `putImageData` does not. */
export function drawPixels(context: Context, pixels: ImageData): void {
  const source = canvasFor('pixels', pixels.width, pixels.height);
  source.putImageData(pixels, 0, 0);
  context.drawImage(source.canvas, 0, 0);
}

/** What is drawn becomes a bitmap that can be handed over; the canvas is empty then. */
export const bitmapOf = ({ canvas }: Context): ImageBitmap => canvas.transferToImageBitmap();
