import type { CountedPixels } from './pixels.ts';
import type { Probability } from './probability.ts';

/** A picture of a known alpha, and what a network would make of it. */
export interface Scene {
  readonly picture: CountedPixels;
  /** 0 to 1. */
  readonly alpha: Float32Array;
  readonly probability: Probability;
}

/** A picture that is looked up at any place: red, green and blue of a pixel go to `out`. */
export type Texture = (x: number, y: number, out: Float64Array) => void;

export interface SceneOptions {
  readonly width: number;
  readonly height: number;
  /** Takes the place of the generated one. */
  readonly inside?: Texture;
  readonly outside?: Texture;
  /** What is inside, everywhere. */
  readonly opaque?: boolean;
}

/** Numbers from 0 to 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const from = (random: () => number, low: number, high: number): number => low + (high - low) * random();

/** Head, shoulders and hair over a background, blended by their alpha, in 8 bits. */
export function sceneOf(seed: number, { width, height, inside, outside, opaque }: SceneOptions): Scene {
  const random = randomNumbers(seed);
  const alpha = portrait(random, width, height);
  const foreground = inside ?? texture(random);
  const background = outside ?? texture(random);
  const grain = from(random, 0, 6);
  const data = new Uint8ClampedArray(width * height * 3);
  const [f, b] = [new Float64Array(3), new Float64Array(3)];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      foreground(x, y, f);
      background(x, y, b);
      for (let c = 0; c < 3; c++) {
        const covering = Math.min(255, Math.max(0, f[c] + grain * normal(random)));
        data[3 * i + c] = b[c] + (covering - b[c]) * (opaque ? 1 : alpha[i]);
      }
    }
  }
  const probability = networkOf(random, alpha, width, height);
  return { picture: { width, height, data, channels: 3 }, alpha, probability };
}

/** Drawn at twice the size. Strands are 1 to 3 pixels wide and half to wholly opaque; edges are blurred. */
function portrait(random: () => number, width: number, height: number): Float32Array {
  const [w, h] = [2 * width, 2 * height];
  const plane = new Float32Array(w * h);
  const [cx, cy, rx, ry] = [w * from(random, 0.4, 0.6), h * 0.45, w * 0.17, h * 0.22];
  fillEllipse(plane, w, h, cx, cy, rx, ry);
  fillEllipse(plane, w, h, cx, h * 1.02, w * 0.33, h * 0.38);
  for (let strand = 0; strand < 260; strand++) {
    const angle = from(random, -1.05, 0.05) * Math.PI;
    let x = cx + 0.98 * rx * Math.cos(angle);
    let y = cy + 0.98 * ry * Math.sin(angle);
    let direction = angle + 0.5 * normal(random);
    const length = (from(random, 16, 84) * height) / 480;
    const opacity = from(random, 0.5, 1);
    const radius = from(random, 1, 3);
    for (let step = 0; step < length; step += 0.5) {
      direction += 0.02 * normal(random);
      x += 0.5 * Math.cos(direction);
      y += 0.5 * Math.sin(direction);
      stamp(plane, w, h, x, y, radius, opacity);
    }
  }
  for (let pass = 0; pass < 3; pass++) blur(plane, w, h, Math.round(from(random, 0, 1.6)));
  return halve(plane, width, height);
}

function fillEllipse(
  plane: Float32Array,
  w: number,
  h: number,
  cx: number,
  cy: number,
  rx: number,
  ry: number,
): void {
  for (let y = 0; y < h; y++)
    for (let x = 0; x < w; x++) if (((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1) plane[y * w + x] = 1;
}

function stamp(
  plane: Float32Array,
  w: number,
  h: number,
  cx: number,
  cy: number,
  radius: number,
  opacity: number,
): void {
  for (let y = Math.max(0, Math.floor(cy - radius)); y <= Math.min(h - 1, cy + radius + 1); y++)
    for (let x = Math.max(0, Math.floor(cx - radius)); x <= Math.min(w - 1, cx + radius + 1); x++) {
      const cover = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(x - cx, y - cy))) * opacity;
      plane[y * w + x] = Math.max(plane[y * w + x], cover);
    }
}

/** A box mean over both axes, in place; edges repeat. */
export function blur(plane: Float32Array, w: number, h: number, radius: number): void {
  if (radius === 0) return;
  const line = new Float32Array(Math.max(w, h));
  const along = (start: number, step: number, length: number) => {
    for (let i = 0; i < length; i++) line[i] = plane[start + i * step];
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = -radius; k <= radius; k++) sum += line[Math.min(length - 1, Math.max(0, i + k))];
      plane[start + i * step] = sum / (2 * radius + 1);
    }
  };
  for (let y = 0; y < h; y++) along(y * w, 1, w);
  for (let x = 0; x < w; x++) along(x, w, h);
}

function halve(plane: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      const at = 4 * y * width + 2 * x;
      out[i] = (plane[at] + plane[at + 1] + plane[at + 2 * width] + plane[at + 2 * width + 1]) / 4;
    }
  return out;
}

/** Value noise in four octaves between two colours, with stripes: cloth, walls and leaves, roughly. */
function texture(random: () => number): Texture {
  const color = () => [from(random, 10, 245), from(random, 10, 245), from(random, 10, 245)];
  const [dark, light] = [color(), color()];
  const range = from(random, 0.2, 1);
  const size = from(random, 20, 90);
  const [stripe, slant, strength] = [from(random, 5, 40), from(random, -1, 1), from(random, 0, 0.25)];
  const lattice = Float32Array.from({ length: 4096 }, () => random());
  const valueAt = (x: number, y: number) => lattice[(Math.imul(x, 73) + Math.imul(y, 1031)) & 4095];
  const noise = (x: number, y: number) => {
    const [left, top] = [Math.floor(x), Math.floor(y)];
    const [u, v] = [x - left, y - top];
    const upper = valueAt(left, top) * (1 - u) + valueAt(left + 1, top) * u;
    return upper * (1 - v) + (valueAt(left, top + 1) * (1 - u) + valueAt(left + 1, top + 1) * u) * v;
  };
  return (x, y, out) => {
    let sum = 0;
    for (let octave = 0, scale = 1; octave < 4; octave++, scale *= 2)
      sum += noise((x / size) * scale, (y / size) * scale) / (2 * scale);
    const wave = strength * Math.sin((2 * Math.PI * (x + slant * y)) / stripe);
    const t = 0.5 + (sum - 0.47) * 2 * range + wave;
    for (let c = 0; c < 3; c++) out[c] = Math.min(255, Math.max(0, dark[c] + (light[c] - dark[c]) * t));
  };
}

/** The alpha at a stride of 4 to 8, blurred, as logits with smooth noise. */
function networkOf(random: () => number, alpha: Float32Array, width: number, height: number): Probability {
  const stride = from(random, 4, 8);
  const [w, h] = [Math.round(width / stride), Math.round(height / stride)];
  const low = new Float32Array(w * h);
  for (let y = 0, i = 0; y < h; y++)
    for (let x = 0; x < w; x++, i++) {
      let [sum, count] = [0, 0];
      for (let v = Math.floor((y * height) / h); v < Math.floor(((y + 1) * height) / h); v++)
        for (let u = Math.floor((x * width) / w); u < Math.floor(((x + 1) * width) / w); u++, count++)
          sum += alpha[v * width + u];
      low[i] = sum / count;
    }
  if (random() < 0.5) blur(low, w, h, 1);
  const noise = Float32Array.from(low, () => normal(random));
  for (let pass = 0; pass < 2; pass++) blur(noise, w, h, 1);
  const [sharpness, loudness] = [from(random, 1, 1.8), from(random, 1.3, 6.5)]; // two blurs leave 0.23 of the noise
  const data = low.map((value, i) => {
    const logit = Math.log((value + 0.01) / (1.01 - value)) * sharpness + noise[i] * loudness;
    return 1 / (1 + Math.exp(-logit));
  });
  return { width: w, height: h, data, resize: 'half-pixel' };
}

/** Mean absolute differences from the true alpha: of a mask, 0 to 1, near edges, and everywhere. */
export function errorsOf({ picture, alpha }: Scene, mask: ArrayLike<number>): { band: number; all: number } {
  const near = Float32Array.from(alpha, (value) => (value > 0.02 && value < 0.98 ? 1 : 0));
  blur(near, picture.width, picture.height, 10);
  let [band, all, count] = [0, 0, 0];
  for (let i = 0; i < alpha.length; i++) {
    const error = Math.abs(mask[i] - alpha[i]);
    all += error;
    if (near[i] === 0) continue;
    band += error;
    count++;
  }
  return { band: band / count, all: all / alpha.length };
}
