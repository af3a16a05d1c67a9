import { groupsFor, type Kernel, kernel } from './kernel.ts';

export type PoolKind = 'max' | 'mean' | 'mean with padding';

const lanes = 16;
const ranks = 4;

// biome-ignore format: a list
const windowParams = ['channels', 'height', 'width', 'outHeight', 'outWidth', 'kernelHeight', 'kernelWidth', 'strideY', 'strideX', 'top', 'left', 'outputStride', 'outputOffset'] as const;
export type PoolParam = (typeof windowParams)[number];

/** Workgroups over vectors of channels, pixels of a row, and rows of all pictures. */
export const pixelGroups = (
  channels: number,
  outWidth: number,
  rows: number,
): readonly [number, number, number] => [groupsFor(channels, lanes), groupsFor(outWidth, ranks), rows];

/** A thread's vector of channels `c` and output pixel: `x` of `row`, a row of all pictures. */
const place = `    let c = i32(id.x);
    let x = i32(id.y);
    if (c >= p.channels || x >= p.outWidth) { return; }
    let row = i32(id.z);
    let y = row % p.outHeight;
    let picture = row / p.outHeight * p.height;`;
const store = (value: string) =>
  `    output[(row * p.outWidth + x) * p.outputStride + p.outputOffset + c] = ${value};`;

/** The largest value or the mean under a window; padding is skipped, and counts as zeros where it is to. */
export function pool(kind: PoolKind): Kernel<PoolParam> {
  const isMax = kind === 'max';
  const divisor = kind === 'mean with padding' ? 'f32(p.kernelHeight * p.kernelWidth)' : 'f32(taps)';
  return kernel({
    key: `pool ${kind}`,
    params: windowParams,
    reads: { input: 'vec4f' },
    writes: { output: 'vec4f' },
    workgroup: [lanes, ranks, 1],
    body: `${place}
    var value = vec4f(${isMax ? '-3.4028234e38' : ''});
    var taps = 0;
    for (var ky = 0; ky < p.kernelHeight; ky++) {
      let iy = y * p.strideY - p.top + ky;
      if (iy < 0 || iy >= p.height) { continue; }
      for (var kx = 0; kx < p.kernelWidth; kx++) {
        let ix = x * p.strideX - p.left + kx;
        if (ix < 0 || ix >= p.width) { continue; }
        let next = input[((picture + iy) * p.width + ix) * p.channels + c];
        ${isMax ? 'value = select(value, next, !(next <= value));' : 'value += next;'}
        taps++;
      }
    }
${store(isMax ? 'value' : `value / ${divisor}`)}`,
  });
}

// biome-ignore format: a list
const adaptiveParams = ['channels', 'height', 'width', 'outHeight', 'outWidth', 'outputStride', 'outputOffset'] as const;
export type AdaptiveParam = (typeof adaptiveParams)[number];

/** Means over parts that the input is divided into, by PyTorch's rule. */
export const adaptivePool: Kernel<AdaptiveParam> = kernel({
  key: 'adaptive pool',
  params: adaptiveParams,
  reads: { input: 'vec4f' },
  writes: { output: 'vec4f' },
  workgroup: [lanes, ranks, 1],
  body: `${place}
    let top = y * p.height / p.outHeight;
    let bottom = ((y + 1) * p.height + p.outHeight - 1) / p.outHeight;
    let left = x * p.width / p.outWidth;
    let right = ((x + 1) * p.width + p.outWidth - 1) / p.outWidth;
    var sum = vec4f();
    for (var iy = top; iy < bottom; iy++) {
      for (var ix = left; ix < right; ix++) {
        sum += input[((picture + iy) * p.width + ix) * p.channels + c];
      }
    }
${store('sum / f32((bottom - top) * (right - left))')}`,
});

const globalParams = ['channels', 'pixels', 'outputStride', 'outputOffset'] as const;
export type GlobalParam = (typeof globalParams)[number];
const globalLanes = 8;
const globalRanks = 8;

/** Workgroups over vectors of channels and pictures. */
export const globalGroups = (channels: number, batch: number): readonly [number, number, number] => [
  groupsFor(channels, globalLanes),
  1,
  batch,
];

/** Means over pictures: threads of the same channels add up every eighth pixel, then the first adds up what they have. */
export const globalPool: Kernel<GlobalParam> = kernel({
  key: 'global pool',
  params: globalParams,
  reads: { input: 'vec4f' },
  writes: { output: 'vec4f' },
  workgroup: [globalLanes, globalRanks, 1],
  declarations: `var<workgroup> sums: array<vec4f, ${globalLanes * globalRanks}>;`,
  body: `    let c = i32(id.x);
    let picture = i32(id.z);
    var sum = vec4f();
    if (c < p.channels) {
      for (var i = i32(local.y); i < p.pixels; i += ${globalRanks}) {
        sum += input[(picture * p.pixels + i) * p.channels + c];
      }
    }
    sums[local.y * ${globalLanes} + local.x] = sum;
    workgroupBarrier();
    if (local.y > 0 || c >= p.channels) { return; }
    for (var i = 1u; i < ${globalRanks}; i++) { sum += sums[i * ${globalLanes} + local.x]; }
    output[picture * p.outputStride + p.outputOffset + c] = sum / f32(p.pixels);`,
});
