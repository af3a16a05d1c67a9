import { AtrousError } from '@atrous/tensor';

export type Context = OffscreenCanvasRenderingContext2D;

/** A canvas in this thread. @throws AtrousError `memory` */
export function canvasOf(width: number, height: number): Context {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (!context) throw new AtrousError('memory', `no canvas of ${width}×${height} is to be had here`);
  return context;
}

/** Pixels as a canvas, so that they can be drawn with alpha and scaled. */
export function canvasFrom(pixels: ImageData): OffscreenCanvas {
  const context = canvasOf(pixels.width, pixels.height);
  context.putImageData(pixels, 0, 0);
  return context.canvas;
}

/** What is drawn becomes a bitmap that can be handed over. */
export const bitmapOf = ({ canvas }: Context): ImageBitmap => canvas.transferToImageBitmap();
