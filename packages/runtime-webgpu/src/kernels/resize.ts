import { type Kernel, kernel } from './kernel.ts';

// biome-ignore format: a list
const params = ['channels', 'height', 'width', 'outHeight', 'outWidth', 'outputStride', 'outputOffset'] as const;
export type ResizeParam = (typeof params)[number];

/**
 * A bilinear resize by tables, so that every convention is the same to the last bit: of rows, then of columns, each the lower and the upper
 * sample and the fraction's bits. Horizontal before vertical. Workgroups as of a pool.
 */
export const resize: Kernel<ResizeParam> = kernel({
  key: 'resize',
  params,
  reads: { input: 'vec4f', taps: 'i32' },
  writes: { output: 'vec4f' },
  workgroup: [16, 4, 1],
  body: `    let c = i32(id.x);
    let x = i32(id.y);
    if (c >= p.channels || x >= p.outWidth) { return; }
    let row = i32(id.z);
    let y = row % p.outHeight;
    let picture = row / p.outHeight * p.height;
    let columns = 3 * p.outHeight;
    let left = taps[columns + x];
    let right = taps[columns + p.outWidth + x];
    let tx = bitcast<f32>(taps[columns + 2 * p.outWidth + x]);
    let above = (picture + taps[y]) * p.width;
    let below = (picture + taps[p.outHeight + y]) * p.width;
    let ty = bitcast<f32>(taps[2 * p.outHeight + y]);
    let a = input[(above + left) * p.channels + c];
    let b = input[(below + left) * p.channels + c];
    let upper = a + (input[(above + right) * p.channels + c] - a) * tx;
    let lower = b + (input[(below + right) * p.channels + c] - b) * tx;
    output[(row * p.outWidth + x) * p.outputStride + p.outputOffset + c] = upper + (lower - upper) * ty;`,
});
