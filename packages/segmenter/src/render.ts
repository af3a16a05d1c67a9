import {
  type Color,
  type DrawnLook,
  drawLook,
  drawnLook,
  type Look,
  type NamedClass,
  type Pixels,
} from '@atrous/mask';
import type { FrameDrawer } from '@atrous/mask/looks';
import type { Session, Tensor } from '@atrous/tensor';
import { oneByOne } from '@atrous/tensor/turns';
import { checkOptions, renderRules } from './arguments.ts';
import { backdropOf } from './backdrop.ts';
import { contextOf } from './canvas.ts';
import { classIds } from './cut_out.ts';
import { type FramePlan, planFrame, taskOf } from './frame_task.ts';
import type { PictureOptions } from './limit.ts';
import { type BrowserPicture, readPicture } from './picture_browser.ts';
import { toRgba } from './pixels.ts';
import { blend, type OpenNetwork } from './segmenter.ts';
import { takeFrame } from './take_frame.ts';
import { planViews, look as seeLogits } from './views.ts';

/** How a frame is shown: `Look` of @atrous/mask, with classes by name, and pictures that stand behind. */
export interface FrameLook extends Omit<Look, 'hidden' | 'backdrop'> {
  /** Classes that are not drawn and not kept, by names or ids. @default none */
  readonly hidden?: readonly (string | number)[];
  /** `replace`: a colour, or a picture, which fills the canvas and is cut at its sides. One object is read once. @default black */
  readonly backdrop?: Color | BrowserPicture;
}

export interface RenderOptions extends PictureOptions {
  /**
   * The past's share of the frame's logits, at least 0 and less than 1. Every canvas has a past of its own, which begins anew with a frame or logits of another
   * size, and with a call that asks for none. @default 0
   */
  readonly smoothing?: number;
  /** The canvas' size in pixels, which it is given; the frame is stretched to it. @default the frame's own */
  readonly width?: number;
  readonly height?: number;
}

/** What was drawn. */
export interface Rendered {
  readonly width: number;
  readonly height: number;
  /** Whether the GPU did everything, and nothing was read back. */
  readonly onGpu: boolean;
  readonly milliseconds: number;
}

export type AnyCanvas = HTMLCanvasElement | OffscreenCanvas;

/** What draws frames. */
export interface Rendering {
  /**
   * A frame, segmented and drawn on a canvas: on the runtime `webgpu` without leaving the GPU, on every other one by the CPU, with the same picture but for what
   * rounding explains (2 of 255). Calls may overlap; they run one after the other. The frame stays its owner's, open until the call is over.
   * @param canvas one that nothing else draws on: it is `render`'s from then on
   * @throws AtrousError `input` for what is no frame, no look, or a canvas that something else draws on; `disposed`, and whatever the runtime throws
   * @example await segmenter.render(video, canvas, { mode: 'blur' }, { smoothing: 0.5 });
   */
  render(
    frame: BrowserPicture,
    canvas: AnyCanvas,
    look: FrameLook,
    options?: RenderOptions,
  ): Promise<Rendered>;
}

/** A look with ids for names. @throws AtrousError `input` */
export function lookOf({ hidden, backdrop, ...look }: FrameLook, classes: readonly NamedClass[]): DrawnLook {
  const isColor = Array.isArray(backdrop);
  return drawnLook(
    {
      ...look,
      ...(hidden && { hidden: classIds(hidden, classes, 'look hidden') }),
      ...(isColor && { backdrop: backdrop as unknown as Color }),
    },
    classes,
  );
}

const drawsFrames = (session: Session): session is Session & FrameDrawer => 'drawFrame' in session;

/** Sizes of frames whose plans are kept. */
const keptPlans = 8;

/** `render` of a network that is open. */
export function rendering(network: OpenNetwork): Rendering {
  const { session, config, expectAlive } = network;
  const plans = new Map<string, FramePlan>();
  const planOf = (size: { readonly width: number; readonly height: number }): FramePlan => {
    const key = `${size.width}×${size.height}`;
    const plan = plans.get(key) ?? planFrame(size, config);
    plans.delete(key); // to the end: the oldest goes first
    plans.set(key, plan);
    if (plans.size > keptPlans) plans.delete(plans.keys().next().value!);
    return plan;
  };
  const backdropAt = backdropOf();
  const draw = drawsFrames(session) ? onGpu(session) : onCpu(network);
  return {
    async render(given, canvas, look, options = {}) {
      checkOptions(options, renderRules);
      const { signal, maxPixels, smoothing = 0 } = options;
      expectAlive();
      signal?.throwIfAborted();
      const drawn = lookOf(look, config.labels);
      const start = performance.now();
      const { frame, size, release } = await takeFrame(given, { signal, maxPixels });
      try {
        const { width = size.width, height = size.height } = options;
        const backdrop = await backdropAt(look, { width, height });
        expectAlive();
        const task = taskOf(planOf(size), { width, height }, drawn, smoothing, backdrop);
        await draw(frame, canvas, task, signal);
        return { width, height, onGpu: drawsFrames(session), milliseconds: performance.now() - start };
      } finally {
        release();
      }
    },
  };
}

type Draw = (
  frame: Parameters<FrameDrawer['drawFrame']>[0],
  canvas: AnyCanvas,
  task: Parameters<FrameDrawer['drawFrame']>[2],
  signal?: AbortSignal,
) => Promise<void>;

const onGpu =
  (session: FrameDrawer): Draw =>
  (frame, canvas, task, signal) =>
    session.drawFrame(frame, canvas, task, { signal });

/** The same by the functions of `mask`, one frame after the other, since each has a past. */
function onCpu(network: OpenNetwork): Draw {
  const queue = oneByOne();
  const pasts = new WeakMap<AnyCanvas, Tensor>();
  return (frame, canvas, { look, resize, width, height, smoothing, backdrop }, signal) =>
    queue(async () => {
      const context = contextOf(canvas);
      const picture: Pixels = toRgba(await readPicture(frame, { signal }));
      const { logits: found } = await seeLogits(planViews(network, picture, { window: false }, signal));
      network.expectAlive();
      signal?.throwIfAborted();
      const past = smoothing > 0 ? pasts.get(canvas) : undefined;
      const logits = past ? blend(found, { logits: past, share: smoothing }) : found;
      if (smoothing > 0) pasts.set(canvas, logits);
      else pasts.delete(canvas);
      const { data } = drawLook({ picture, logits, resize, width, height, backdrop }, look);
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      context.putImageData(new ImageData(data, width, height), 0, 0);
    }, signal);
}
