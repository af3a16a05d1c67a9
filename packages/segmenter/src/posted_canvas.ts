import { AtrousError, messageOf } from '@atrous/tensor';
import { expectCanvas } from './canvas.ts';
import type { Connection } from './connection.ts';
import type { PostedOnce } from './protocol.ts';

/** A canvas that was, or is to be, with a worker. */
interface Given {
  readonly id: number;
  readonly connection: Connection;
  /** What draws on it, until the worker has it. */
  offscreen?: OffscreenCanvas;
}

const given = new WeakMap<HTMLCanvasElement | OffscreenCanvas, Given>();
let count = 0;

/**
 * A canvas for a worker: itself the first time, its number from then on.
 * @throws AtrousError `input` for one that something else draws on, or that is with another worker
 */
export function canvasFor(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  connection: Connection,
): PostedOnce<OffscreenCanvas> {
  expectCanvas(canvas);
  const known = given.get(canvas);
  if (known && known.connection !== connection) {
    throw new AtrousError(
      'input',
      'canvas: it is with the worker of another segmenter, or with one that has ended: give a new canvas',
    );
  }
  const its = known ?? { id: ++count, connection, offscreen: offscreenOf(canvas) };
  given.set(canvas, its);
  return its.offscreen ? { id: its.id, value: its.offscreen } : { id: its.id };
}

/** The worker has it. */
export function canvasPosted(canvas: HTMLCanvasElement | OffscreenCanvas): void {
  const its = given.get(canvas);
  if (its) its.offscreen = undefined;
}

function offscreenOf(canvas: HTMLCanvasElement | OffscreenCanvas): OffscreenCanvas {
  if (!('transferControlToOffscreen' in canvas)) return canvas;
  try {
    return canvas.transferControlToOffscreen();
  } catch (cause) {
    throw new AtrousError(
      'input',
      `canvas: it cannot go to the worker: give a canvas that nothing else has drawn on (${messageOf(cause)})`,
      { cause },
    );
  }
}
