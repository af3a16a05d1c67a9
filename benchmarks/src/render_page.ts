// What `render.ts` asks a page for: frames through `segmenter.render`, with everything counted that could be left behind.
import { webgpu } from '@atrous/runtime-webgpu';
import { Segmenter } from '@atrous/segmenter/browser';
import { hostOf } from '../../packages/runtime-webgpu/src/host.ts';
import { tinyFiles } from '../../packages/zoo/src/test_model.ts';

const models = { tiny: { side: 64 }, 'people-small': { side: 320 } } as const;
export type RenderModel = keyof typeof models;

/** What a device holds, and how often it was read. */
type Held = Readonly<Record<'bytes' | 'count' | 'textures' | 'readBacks', number>>;

export interface RenderCounts {
  readonly frames: number;
  /** Milliseconds of a frame, in the middle and the least. */
  readonly median: number;
  readonly least: number;
  /** After as many frames as there are looks, twice; in the end; and when the segmenter was disposed of. */
  readonly before: Held;
  readonly after: Held;
  readonly disposed: Held;
  /** Video frames that were made, by us too, and not closed. */
  readonly openFrames: number;
  /** Tasks of more than 50 ms on the page's thread while frames were drawn, in milliseconds. */
  readonly longTasks: readonly number[];
}

/** Counts video frames from here on, whoever makes them. */
function countFrames(): () => number {
  const open = new Set<VideoFrame>();
  const Original = globalThis.VideoFrame;
  globalThis.VideoFrame = new Proxy(Original, {
    construct(target, args) {
      const frame = Reflect.construct(target, args) as VideoFrame;
      open.add(frame);
      return frame;
    },
  });
  const { close } = Original.prototype;
  Original.prototype.close = function (this: VideoFrame) {
    open.delete(this);
    close.call(this);
  };
  return () => open.size;
}

const looks = ['overlay', 'mask', 'outline', 'cutout', 'blur', 'replace', 'confidence'] as const;

async function renderFrames(model: RenderModel, frames: number): Promise<RenderCounts> {
  const { side } = models[model];
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  const device = await adapter!.requestDevice({
    requiredFeatures: adapter!.features.has('subgroups') ? ['subgroups' as GPUFeatureName] : [],
  });
  const { total, counts } = hostOf(device);
  const held = (): Held => ({ ...total, ...counts });
  const location = model === 'tiny' ? await tinyFiles() : new URL(`/model-${model}/`, document.baseURI);
  const segmenter = await Segmenter.load(location, {
    runtimes: [webgpu({ device })],
    runtime: 'webgpu',
  });
  const openFrames = countFrames();
  const canvas = document.querySelector('canvas')!;
  const source = new OffscreenCanvas(side, side);
  const context = source.getContext('2d')!;
  const draw = async (i: number) => {
    context.fillStyle = `hsl(${i * 20} 70% 50%)`;
    context.fillRect(0, 0, side, side);
    context.fillStyle = '#fff';
    context.fillRect((i * 3) % side, side / 4, side / 4, side / 2);
    const frame = new VideoFrame(source, { timestamp: i });
    try {
      const look = { mode: looks[i % looks.length] };
      return (await segmenter.render(frame, canvas, look, { smoothing: 0.5 })).milliseconds;
    } finally {
      frame.close();
    }
  };
  for (let i = 0; i < Math.min(frames, 2 * looks.length); i++) await draw(i);
  const before = held();
  const longTasks: number[] = [];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(Math.round(duration));
  });
  observer.observe({ type: 'longtask' });
  const times: number[] = [];
  for (let i = 0; i < frames; i++) times.push(await draw(i));
  observer.disconnect();
  const after = held();
  await segmenter.dispose();
  times.sort((a, b) => a - b);
  return {
    frames,
    median: times[times.length >> 1],
    least: times[0],
    before,
    after,
    disposed: held(),
    openFrames: openFrames(),
    longTasks,
  };
}

Object.assign(globalThis, { renderFrames });
