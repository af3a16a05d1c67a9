import type { Frame } from '@atrous/mask/looks';
import { AtrousError, messageOf } from '@atrous/tensor';
import type { Host } from '../host.ts';
import type { Workshop } from './stage.ts';

/** A frame as shaders read it. `external`: as the decoder left it, without a copy. */
export type FrameKind = 'texture' | 'external';

export interface FrameSource {
  readonly kind: FrameKind;
  readonly resource: GPUTextureView | GPUExternalTexture;
}

// WebGPU's numbers, which Node has no globals for: COPY_SRC and so on.
const textureUsage = 0x2 | 0x4 | 0x10; // COPY_DST, TEXTURE_BINDING, RENDER_ATTACHMENT

/** @throws AtrousError `memory` for a side that the device's textures cannot have */
export function expectTextureFits({ device }: Host, what: string, width: number, height: number): void {
  const most = device.limits.maxTextureDimension2D;
  if (Math.max(width, height) <= most) return;
  throw new AtrousError(
    'memory',
    `webgpu: ${what} of ${width}×${height} (width × height): this GPU takes at most ${most} on a side; give a smaller one`,
  );
}

/** A texture that is there while its size is asked for. */
function textureFor({ host, keep }: Workshop, name: string, width: number, height: number): GPUTexture {
  const { device, counts } = host;
  expectTextureFits(host, name, width, height);
  const make = () => {
    counts.textures++;
    return device.createTexture({ size: [width, height], format: 'rgba8unorm', usage: textureUsage });
  };
  return keep(`${name}: texture`, [width, height], make, (texture) => {
    texture.destroy();
    counts.textures--;
  });
}

const isPixels = (frame: Frame): frame is Extract<Frame, { data: unknown }> => 'data' in frame;

/** Whether what a video frame shows are its own pixels, neither turned nor stretched. */
function isPlain(frame: VideoFrame): boolean {
  const { displayWidth, displayHeight, visibleRect } = frame;
  const { rotation = 0, flip = false } = frame as { rotation?: number; flip?: boolean };
  return (
    visibleRect?.width === displayWidth && visibleRect.height === displayHeight && rotation === 0 && !flip
  );
}

/** RGBA as a texture: taken when it is another object. */
export function pixelsView(
  shop: Workshop,
  name: string,
  pixels: { readonly width: number; readonly height: number; readonly data: Uint8Array | Uint8ClampedArray },
): GPUTextureView {
  const { width, height } = pixels;
  const texture = textureFor(shop, name, width, height);
  return shop.keep(`${name}: view`, [texture, pixels], () => {
    writePixels(shop, texture, pixels);
    return texture.createView();
  });
}

function writePixels(
  { host }: Workshop,
  texture: GPUTexture,
  { width, height, data }: Parameters<typeof pixelsView>[2],
): void {
  host.device.queue.writeTexture({ texture }, data as Uint8Array<ArrayBuffer>, { bytesPerRow: 4 * width }, [
    width,
    height,
  ]);
}

/**
 * A frame on the device: a video's as it is, anything else copied into a texture that all frames of its size share.
 * @throws AtrousError `input` for what the browser does not give the pixels of
 */
export function takeFrame(
  shop: Workshop,
  frame: Frame,
  { width, height }: { readonly width: number; readonly height: number },
): FrameSource {
  const { device } = shop.host;
  if (isVideoFrame(frame) && 'importExternalTexture' in device && isPlain(frame))
    return { kind: 'external', resource: device.importExternalTexture({ source: frame }) };
  const texture = textureFor(shop, 'a frame', width, height);
  if (isPixels(frame)) writePixels(shop, texture, frame);
  else copyInto(shop.host, texture, frame, [width, height]);
  const resource = shop.keep('a frame: view', [texture], () => texture.createView());
  return { kind: 'texture', resource };
}

function copyInto(
  { device }: Host,
  texture: GPUTexture,
  source: Exclude<Frame, { data: unknown }>,
  size: [number, number],
): void {
  try {
    device.queue.copyExternalImageToTexture(
      { source },
      { texture, colorSpace: 'srgb', premultipliedAlpha: false },
      size,
    );
  } catch (cause) {
    const isForeign = cause instanceof DOMException && cause.name === 'SecurityError';
    const why = isForeign ? 'it comes from another origin without CORS' : messageOf(cause);
    throw new AtrousError('input', `frame: its pixels cannot be read: ${why}`, { cause });
  }
}

const isVideoFrame = (frame: Frame): frame is VideoFrame =>
  'VideoFrame' in globalThis && frame instanceof VideoFrame;

/** How shaders read a frame: whole numbers from 0 to 255, alpha not multiplied in. */
export const frameCode = (kind: FrameKind): string => `
@group(1) @binding(0) var frame: ${kind === 'external' ? 'texture_external' : 'texture_2d<f32>'};
fn texel(x: i32, y: i32) -> vec4f {
  return floor(textureLoad(frame, vec2i(x, y)${kind === 'external' ? '' : ', 0'}) * 255.0 + 0.5);
}`;

/** The frame under a pixel of the canvas, between its neighbours where the sizes differ. */
export const frameAtCode = `
fn frameAt(x: i32, y: i32) -> vec4f {
  if (p.frameWidth == p.width && p.frameHeight == p.height) { return texel(x, y); }
  let size = vec2f(f32(p.frameWidth), f32(p.frameHeight));
  let at = clamp((vec2f(f32(x), f32(y)) + 0.5) * size / vec2f(f32(p.width), f32(p.height)) - 0.5, vec2f(), size - 1.0);
  let a = vec2i(at);
  let b = min(a + 1, vec2i(p.frameWidth, p.frameHeight) - 1);
  let t = at - floor(at);
  let above = mix(texel(a.x, a.y), texel(b.x, a.y), t.x);
  return floor(mix(above, mix(texel(a.x, b.y), texel(b.x, b.y), t.x), t.y) + 0.5);
}`;
