import { blurWeights, type Frame, type FrameTask, gridSize, heatColors } from '@atrous/mask/looks';
import { bilinearTaps, type TensorSpec } from '@atrous/tensor';
import { createBuffers } from '../buffers.ts';
import type { Host } from '../host.ts';
import { bitsOf } from '../kernels/kernel.ts';
import { labelGroups, labelMapKernel, labelsPerWord } from '../kernels/label_map.ts';
import { pixelGroups } from '../kernels/pool.ts';
import { resize } from '../kernels/resize.ts';
import { deviceBytes, strideOf } from '../plan/sizes.ts';
import { tapTables } from '../plan/taps.ts';
import { blur, gridGroups, means } from './behind.ts';
import { expectTextureFits, type FrameSource, pixelsView, takeFrame } from './frame_source.ts';
import { createKeep } from './keep.ts';
import { blend, blendGroups, probability, probabilityGroups } from './logits.ts';
import { type PaintParam, type PaintSource, paintOf, paintParams, paintPipeline } from './paint.ts';
import { bringPreparation, type Preparation } from './prepare.ts';
import { bufferFor, encodeStage, groupFor, numbersFor, paramsFor, type Workshop } from './stage.ts';
import type { Surface } from './surface.ts';

/** A value on the device, until the next run. */
export interface Computed {
  readonly buffer: GPUBuffer;
  readonly spec: TensorSpec;
}

/** Draws frames on surfaces. All that it holds on the device is of the sizes of the last frame on each surface. */
export interface Drawer {
  /** @param run the network: of an input that it encodes itself, the logits */
  draw(
    frame: Frame,
    surface: Surface,
    task: FrameTask,
    run: (input: Preparation) => Promise<Computed>,
  ): Promise<void>;
  dispose(): void;
}

/** Surfaces whose buffers, and pasts, are kept: what a page with some canvases needs. */
const keptSurfaces = 4;

interface Place extends Workshop {
  /** The logits that the last frame here was drawn from. */
  past?: { readonly buffer: GPUBuffer; readonly shape: string };
}

export function createDrawer(host: Host): Drawer {
  const places = new Map<Surface, Place>();
  const free = ({ keep, buffers }: Place) => {
    keep.freeAll();
    buffers.freeAll();
  };
  const placeOf = (surface: Surface): Place => {
    const known = places.get(surface);
    places.delete(surface); // to the end: the oldest goes first
    const place = known ?? { host, buffers: createBuffers(host.device, host.total), keep: createKeep() };
    places.set(surface, place);
    const [[oldest, its]] = places;
    if (places.size > keptSurfaces) {
      places.delete(oldest);
      free(its);
    }
    return place;
  };
  return {
    async draw(frame, surface, task, run) {
      const place = placeOf(surface);
      expectTextureFits(host, 'a canvas', task.width, task.height);
      const source = await host.checked('a frame', () => takeFrame(place, frame, task.frame));
      const bound: BindFrame = (pipeline) =>
        host.device.createBindGroup({
          layout: pipeline.getBindGroupLayout(1),
          entries: [{ binding: 0, resource: source.resource }],
        });
      const [prepare, adjust, paint] = await Promise.all([
        bringPreparation(place, task.input, source.kind),
        bringAdjustment(place, task),
        bringLook(place, surface, task, source),
      ]);
      const found = await run(prepare(bound));
      await host.checked('a drawing', () => {
        const encoder = host.device.createCommandEncoder();
        paint(encoder, adjust(encoder, found), bound);
        host.device.queue.submit([encoder.finish()]);
      });
      await host.orLost(host.device.queue.onSubmittedWorkDone());
    },
    dispose() {
      for (const place of places.values()) free(place);
      places.clear();
    },
  };
}

/** The frame's bind group for a pipeline. */
type BindFrame = (pipeline: GPUComputePipeline | GPURenderPipeline) => GPUBindGroup;

/** What happens to logits before anything is drawn of them: those of padding go, and the past has its share. */
async function bringAdjustment(
  place: Place,
  { crop, smoothing, input }: FrameTask,
): Promise<(encoder: GPUCommandEncoder, logits: Computed) => Computed> {
  const { host, keep } = place;
  const [cropping, blending] = await Promise.all([
    crop && host.pipeline(resize),
    smoothing > 0 ? host.pipeline(blend) : undefined,
  ]);
  const cropped = (encoder: GPUCommandEncoder, logits: Computed): Computed => {
    if (!crop || !cropping) return logits;
    const [, height, width, classes] = logits.spec.shape;
    const { down, across } = keep('crop', [input, height, width], () => crop({ height, width }));
    const [outHeight, outWidth] = [down.lower.length, across.lower.length];
    const spec = { ...logits.spec, shape: [1, outHeight, outWidth, classes] };
    const channels = strideOf(spec) / 4;
    const buffer = bufferFor(place, 'logits of the frame', deviceBytes(spec));
    const taps = numbersFor(place, 'taps of the crop', [down, across], () => tapTables([down, across]));
    encodeStage(place, encoder, {
      name: 'crop',
      kernel: resize,
      pipeline: cropping,
      params: { channels, height, width, outHeight, outWidth, outputStride: channels, outputOffset: 0 },
      buffers: [logits.buffer, taps, buffer],
      groups: pixelGroups(channels, outWidth, outHeight),
    });
    return { buffer, spec };
  };
  const smoothed = (encoder: GPUCommandEncoder, logits: Computed): Computed => {
    if (!blending) {
      place.past = undefined;
      return logits;
    }
    const bytes = deviceBytes(logits.spec);
    const buffer = bufferFor(place, 'logits of the past', bytes);
    const shape = logits.spec.shape.join();
    if (place.past?.buffer === buffer && place.past.shape === shape) {
      encodeStage(place, encoder, {
        name: 'blend',
        kernel: blend,
        pipeline: blending,
        params: { count: bytes / 16, share: bitsOf(smoothing) },
        buffers: [logits.buffer, buffer],
        groups: blendGroups(bytes / 16),
      });
    } else encoder.copyBufferToBuffer(logits.buffer, 0, buffer, 0, bytes);
    place.past = { buffer, shape };
    return { ...logits, buffer };
  };
  return (encoder, logits) => smoothed(encoder, cropped(encoder, logits));
}

/** What draws a look out of logits, its kernels compiled. */
async function bringLook(
  place: Place,
  surface: Surface,
  { frame, width, height, resize, look, backdrop }: FrameTask,
  { kind }: FrameSource,
): Promise<(encoder: GPUCommandEncoder, logits: Computed, bound: BindFrame) => void> {
  const { host } = place;
  const classes = look.kept.length;
  const perWord = labelsPerWord(classes);
  const isBlur = look.mode === 'blur';
  const paint = paintOf(
    look.mode === 'replace' && backdrop ? 'replace by a picture' : look.mode,
    kind,
    perWord,
  );
  const labelling = labelMapKernel(perWord, look.needs === 'confidence');
  const shrinking = means(kind);
  const blurs = [blur(true), blur(false)];
  const [painting, finding, shrunk, ...blurring] = await Promise.all([
    paintPipeline(host, paint, surface.format),
    host.pipeline(look.needs === 'coverage' ? probability : labelling),
    isBlur ? host.pipeline(shrinking) : undefined,
    ...(isBlur ? blurs.map((each) => host.pipeline(each)) : []),
  ]);
  const grid = gridSize({ width, height }, look.strength);
  const frameSize = { frameWidth: frame.width, frameHeight: frame.height };

  return (encoder, { buffer: logits, spec }, bound) => {
    const [, inHeight, inWidth] = spec.shape;
    const stride = strideOf(spec);
    const storage = (name: string, numbers: number) => bufferFor(place, name, 4 * numbers);
    const taps = numbersFor(place, 'taps', [resize, inHeight, inWidth, height, width], () =>
      tapTables([bilinearTaps(resize, inHeight, height), bilinearTaps(resize, inWidth, width)]),
    );
    const softness = bitsOf(look.softness);

    const labelled = (): Partial<Record<PaintSource, GPUBuffer>> => {
      const words = Math.ceil((width * height) / perWord);
      const labels = storage('labels', words);
      const certain = look.needs === 'confidence' ? storage('confidence', width * height) : undefined;
      encodeStage(place, encoder, {
        name: 'labels',
        kernel: labelling,
        pipeline: finding,
        params: {
          begin: 0,
          end: words,
          classes,
          stride,
          inWidth,
          firstRow: 0,
          rows: height,
          columns: width,
          nothing: 0,
        },
        buffers: [logits, taps, labels, ...(certain ? [certain] : [])],
        groups: labelGroups(words),
      });
      const table = certain
        ? numbersFor(place, 'heat', [], () => new Uint32Array(heatColors.buffer))
        : numbersFor(place, 'colours', [look.colors.join()], () => new Uint32Array(look.colors.buffer));
      return { labels, certain, colors: table };
    };
    const covered = (): Partial<Record<PaintSource, GPUBuffer>> => {
      const output = storage('probability', inHeight * inWidth);
      const kept = numbersFor(place, 'kept', [look.kept.join()], () => Int32Array.from(look.kept));
      encodeStage(place, encoder, {
        name: 'probability',
        kernel: probability,
        pipeline: finding,
        params: { pixels: inHeight * inWidth, classes, stride },
        buffers: [logits, kept, output],
        groups: probabilityGroups(inHeight * inWidth),
      });
      if (!shrunk) return { probability: output, taps };
      const [first, second] = ['grid', 'grid, blurred'].map((name) =>
        storage(name, 4 * grid.width * grid.height),
      );
      const groups = gridGroups(grid.width, grid.height);
      encodeStage(place, encoder, {
        name: 'means',
        kernel: shrinking,
        pipeline: shrunk,
        params: {
          ...{ width, height, ...frameSize, inWidth, softness },
          ...{ gridWidth: grid.width, gridHeight: grid.height },
        },
        buffers: [output, taps, first],
        groups,
        frame: bound(shrunk),
      });
      const weights = numbersFor(place, 'weights of the blur', [], () => blurWeights);
      blurring.forEach((pipeline, i) => {
        const buffers = i === 0 ? [first, weights, second] : [second, weights, first];
        encodeStage(place, encoder, {
          ...{ name: blurs[i].key, kernel: blurs[i], pipeline, buffers, groups },
          params: { width: grid.width, height: grid.height },
        });
      });
      return { probability: output, taps, grid: first };
    };

    const found = look.needs === 'coverage' ? covered() : labelled();
    const [red, green, blue] = look.backdrop;
    const params: Record<PaintParam, number> = {
      ...{ width, height, ...frameSize, inWidth, softness },
      ...{ gridWidth: grid.width, gridHeight: grid.height },
      ...{ wipe: Math.round(width * look.wipe), border: look.border, opacity: bitsOf(look.opacity) },
      ...{ red, green, blue },
    };
    const uniform = paramsFor(place, 'paint', paintParams, params);
    const resources = paint.reads.map((name) =>
      name === 'backdrop' ? pixelsView(place, 'backdrop', backdrop!) : found[name]!,
    );
    const pass = encoder.beginRenderPass({
      colorAttachments: [{ view: surface.view(width, height), loadOp: 'clear', storeOp: 'store' }],
    });
    pass.setPipeline(painting);
    pass.setBindGroup(0, groupFor(place, 'paint', painting, [uniform, ...resources]));
    pass.setBindGroup(1, bound(painting));
    pass.draw(3);
    pass.end();
  };
}
