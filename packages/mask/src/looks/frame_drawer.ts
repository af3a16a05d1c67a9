import type { ResizeConvention } from '@atrous/tensor';
import type { Pixels } from '../pixels.ts';
import type { DrawnLook } from './look.ts';

/** What a device takes pixels from: RGBA in memory, or what lies in a browser already. */
export type Frame =
  | Pixels
  | VideoFrame
  | ImageBitmap
  | HTMLImageElement
  | HTMLCanvasElement
  | HTMLVideoElement
  | OffscreenCanvas;

/** How one axis of a frame is resized to the network's input: per position where its taps begin, how many there are, and `stride` weights. */
export interface FrameTaps {
  readonly start: Int32Array;
  readonly count: Int32Array;
  readonly weights: Float64Array;
  readonly stride: number;
}

/** How a frame becomes the network's input [1,height,width,channels]: composited on white, resized, normalised. What its taps do not reach is 0. */
export interface FrameInput {
  readonly height: number;
  readonly width: number;
  readonly across: FrameTaps;
  readonly down: FrameTaps;
  readonly channels: 'RGB' | 'BGR' | 'grey';
  /** What 0 and 255 become, before `(x − mean) / std` per channel. */
  readonly range: readonly [number, number];
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** Which logits of an input are the frame's, where it was padded: per row and column of these, two of those and what lies between them. */
export interface LogitsCrop {
  readonly down: LogitsTaps;
  readonly across: LogitsTaps;
}
interface LogitsTaps {
  readonly lower: Int32Array;
  readonly upper: Int32Array;
  readonly fraction: Float32Array;
}

/** Everything that is done with a frame between the device's taking it and its being drawn. */
export interface FrameTask {
  /** The frame's own size. */
  readonly frame: { readonly width: number; readonly height: number };
  readonly input: FrameInput;
  /** For an input that was padded. @param logits rows and columns of the whole input's */
  crop?(logits: { readonly height: number; readonly width: number }): LogitsCrop;
  readonly resize: ResizeConvention;
  /** The canvas', which is given this size. */
  readonly width: number;
  readonly height: number;
  readonly look: DrawnLook;
  /** RGBA of the canvas' size, opaque; taken anew when it is another object. */
  readonly backdrop?: Pixels;
  /** The share of the past in the logits, at least 0 and less than 1. Every canvas has a past of its own, which begins anew where sizes change or nothing was asked of it. */
  readonly smoothing: number;
}

/** A session that draws frames itself: from what a browser has to a canvas, without reading anything back. */
export interface FrameDrawer {
  /**
   * @throws AtrousError `input` for a canvas that has another context, and whatever a run throws
   */
  drawFrame(
    frame: Frame,
    canvas: HTMLCanvasElement | OffscreenCanvas,
    task: FrameTask,
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>;
}
