import type { LookMode } from '@atrous/mask';
import { AtrousError, messageOf } from '@atrous/tensor';
import type { Host } from '../host.ts';
import { coverageCode } from './coverage_code.ts';
import { type FrameKind, frameAtCode, frameCode } from './frame_source.ts';

// biome-ignore format: a list
export const paintParams = ['width', 'height', 'frameWidth', 'frameHeight', 'wipe', 'border', 'opacity', 'inWidth', 'softness', 'gridWidth', 'gridHeight', 'red', 'green', 'blue'] as const;
export type PaintParam = (typeof paintParams)[number];

/** What is read besides the frame, in the order of bindings. */
const sources = {
  labels: 'var<storage, read> labels: array<u32>;',
  colors: 'var<storage, read> colors: array<u32>;',
  certain: 'var<storage, read> certain: array<f32>;',
  probability: 'var<storage, read> probability: array<f32>;',
  taps: 'var<storage, read> taps: array<i32>;',
  grid: 'var<storage, read> grid: array<vec4f>;',
  backdrop: 'var backdrop: texture_2d<f32>;',
} as const;
export type PaintSource = keyof typeof sources;

interface Painter {
  readonly reads: readonly PaintSource[];
  /** `fn look(x, y, seen)`: the colour of a pixel, 0 to 255, alpha not multiplied in; `seen` is the frame's. */
  readonly code: (perWord: 2 | 4) => string;
}

const labelCode = (perWord: 2 | 4) => `
fn labelAt(x: i32, y: i32) -> u32 {
  let i = y * p.width + x;
  return extractBits(labels[i / ${perWord}], u32(i % ${perWord}) * ${32 / perWord}u, ${32 / perWord}u);
}
fn colorOf(i: u32) -> vec4f { return floor(unpack4x8unorm(colors[i]) * 255.0 + 0.5); }`;

const overFrame: Painter = {
  reads: ['labels', 'colors'],
  code: (perWord) => `${labelCode(perWord)}
fn isBorder(x: i32, y: i32, id: u32) -> bool {
  let b = p.border;
  if (b == 0) { return false; }
  return (x >= b && labelAt(x - b, y) != id) || (x < p.width - b && labelAt(x + b, y) != id) ||
    (y >= b && labelAt(x, y - b) != id) || (y < p.height - b && labelAt(x, y + b) != id);
}
fn look(x: i32, y: i32, seen: vec4f) -> vec4f {
  let id = labelAt(x, y);
  let color = colorOf(id);
  if (color.a == 0.0) { return seen; }
  let share = select(bitcast<f32>(p.opacity), 1.0, isBorder(x, y, id));
  return vec4f(mix(seen.rgb, color.rgb, share), seen.a);
}`,
};

/** What is kept before something else: `fn behindAt`. */
const before = (reads: readonly PaintSource[], behind: string): Painter => ({
  reads: ['probability', 'taps', ...reads],
  code: () => `${coverageCode}
fn behindAt(x: i32, y: i32) -> vec3f { ${behind} }
fn look(x: i32, y: i32, seen: vec4f) -> vec4f {
  return vec4f(mix(behindAt(x, y), seen.rgb, coverageAt(x, y) * seen.a / 255.0), 255.0);
}`,
});

const painters: Readonly<Record<LookMode | 'replace by a picture', Painter>> = {
  overlay: overFrame,
  outline: overFrame,
  mask: {
    reads: ['labels', 'colors'],
    code: (perWord) => `${labelCode(perWord)}
fn look(x: i32, y: i32, seen: vec4f) -> vec4f { return colorOf(labelAt(x, y)); }`,
  },
  confidence: {
    reads: ['certain', 'colors'],
    code: () => `
fn look(x: i32, y: i32, seen: vec4f) -> vec4f {
  return floor(unpack4x8unorm(colors[u32(saturate(certain[y * p.width + x]) * 255.0 + 0.5)]) * 255.0 + 0.5);
}`,
  },
  cutout: {
    reads: ['probability', 'taps'],
    code: () => `${coverageCode}
fn look(x: i32, y: i32, seen: vec4f) -> vec4f { return vec4f(seen.rgb, floor(coverageAt(x, y) * seen.a + 0.5)); }`,
  },
  replace: before([], 'return vec3f(f32(p.red), f32(p.green), f32(p.blue));'),
  'replace by a picture': before(
    ['backdrop'],
    'return floor(textureLoad(backdrop, vec2i(x, y), 0).rgb * 255.0 + 0.5);',
  ),
  blur: before(
    ['grid'],
    `let size = vec2f(f32(p.gridWidth), f32(p.gridHeight));
  let at = clamp((vec2f(f32(x), f32(y)) + 0.5) * size / vec2f(f32(p.width), f32(p.height)) - 0.5, vec2f(), size - 1.0);
  let a = vec2i(at);
  let b = min(a + 1, vec2i(p.gridWidth, p.gridHeight) - 1);
  let t = at - floor(at);
  let above = mix(grid[a.y * p.gridWidth + a.x], grid[a.y * p.gridWidth + b.x], t.x);
  let found = mix(above, mix(grid[b.y * p.gridWidth + a.x], grid[b.y * p.gridWidth + b.x], t.x), t.y);
  return found.rgb / found.a;`,
  ),
};

export interface Paint {
  readonly key: string;
  readonly reads: readonly PaintSource[];
  readonly code: string;
}

/** The shader of a look: a triangle that covers the canvas, and a colour for each of its pixels. */
export function paintOf(mode: keyof typeof painters, kind: FrameKind, perWord: 2 | 4): Paint {
  const { reads, code } = painters[mode];
  return {
    key: `${mode}, ${kind}, ${perWord}`,
    reads,
    code: `struct Params { ${paintParams.map((name) => `${name}: i32,`).join(' ')} }
@group(0) @binding(0) var<uniform> p: Params;
${reads.map((name, i) => `@group(0) @binding(${i + 1}) ${sources[name]}`).join('\n')}
${frameCode(kind)}
${frameAtCode}
${code(perWord)}
@vertex fn cover(@builtin(vertex_index) i: u32) -> @builtin(position) vec4f {
  return vec4f(f32(i / 2u) * 4.0 - 1.0, f32(i % 2u) * 4.0 - 1.0, 0.0, 1.0);
}
@fragment fn paint(@builtin(position) at: vec4f) -> @location(0) vec4f {
  let x = i32(at.x);
  let y = i32(at.y);
  let seen = frameAt(x, y);
  var color = seen;
  if (x >= p.wipe) { color = look(x, y, seen); }
  let alpha = color.a / 255.0;
  return vec4f(floor(color.rgb + 0.5) / 255.0 * alpha, alpha);
}`,
  };
}

const pipelines = new WeakMap<Host, Map<string, Promise<GPURenderPipeline>>>();

/** Compiled once per device, away from the thread that asks. @throws AtrousError `runtime` */
export function paintPipeline(
  host: Host,
  { key, code }: Paint,
  format: GPUTextureFormat,
): Promise<GPURenderPipeline> {
  const known = pipelines.get(host) ?? new Map<string, Promise<GPURenderPipeline>>();
  pipelines.set(host, known);
  const name = `${key}, ${format}`;
  const compiled = known.get(name) ?? compile(host, name, code, format);
  known.set(name, compiled);
  compiled.catch(() => known.delete(name));
  return host.orLost(compiled);
}

async function compile(
  { device, checked }: Host,
  key: string,
  code: string,
  format: GPUTextureFormat,
): Promise<GPURenderPipeline> {
  try {
    const module = await checked('its code', () => device.createShaderModule({ label: key, code }));
    return await device.createRenderPipelineAsync({
      label: key,
      layout: 'auto',
      vertex: { module },
      fragment: { module, targets: [{ format }] },
    });
  } catch (cause) {
    throw new AtrousError('runtime', `webgpu: the look "${key}" does not compile: ${messageOf(cause)}`, {
      cause,
    });
  }
}
