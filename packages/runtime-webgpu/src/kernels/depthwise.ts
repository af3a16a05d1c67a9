import { type ActivationCode, activate, readBounds } from './activation.ts';
import { groupsFor, type Kernel, kernel, repeat } from './kernel.ts';

export interface DepthwiseOptions {
  /** A ReLU on what is read. */
  readonly rectify: boolean;
  readonly activation: ActivationCode;
}

const lanes = 16;
const ranks = 4;
/** Neighbouring pixels of a thread, which read each weight once. */
const pixelsEach = 2;

// biome-ignore format: a list
const params = ['channels', 'height', 'width', 'outHeight', 'outWidth', 'kernelHeight', 'kernelWidth', 'strideY', 'strideX', 'rateY', 'rateX', 'top', 'left', 'outputStride', 'outputOffset', 'least', 'most'] as const;
export type DepthwiseParam = (typeof params)[number];

/** Workgroups over vectors of channels, pixels of a row, and rows of all pictures. */
export const depthwiseGroups = (
  channels: number,
  outWidth: number,
  rows: number,
): readonly [number, number, number] => [
  groupsFor(channels, lanes),
  groupsFor(outWidth, ranks * pixelsEach),
  rows,
];

/**
 * A filter per channel at any stride and rate. Rows of taps that lie in the padding are skipped, and columns where they do for all pixels of
 * a thread; other taps in the padding are zeros. Neighbouring threads have neighbouring channels, by vectors of four.
 */
export function depthwise({ rectify, activation }: DepthwiseOptions): Kernel<DepthwiseParam> {
  const each = (line: (i: number) => string) => repeat(pixelsEach, line);
  return kernel({
    key: `depthwise${rectify ? ' rectify' : ''}${activation === 'bounds' ? '' : ` ${activation}`}`,
    params,
    reads: { input: 'vec4f', weights: 'vec4f' },
    writes: { output: 'vec4f' },
    workgroup: [lanes, ranks, 1],
    declarations: activate(activation),
    body: `    let c = i32(id.x);
    let x0 = i32(id.y) * ${pixelsEach};
    if (c >= p.channels || x0 >= p.outWidth) { return; }
    let row = i32(id.z);
${readBounds()}
    let y = (row % p.outHeight) * p.strideY - p.top;
    let picture = row / p.outHeight * p.height;
    let bias = weights[p.kernelHeight * p.kernelWidth * p.channels + c];
${each((i) => `    var sum${i} = bias;\n    let left${i} = (x0 + ${i}) * p.strideX - p.left;`)}
    for (var ky = 0; ky < p.kernelHeight; ky++) {
      let iy = y + ky * p.rateY;
      if (iy < 0 || iy >= p.height) { continue; }
      let line = (picture + iy) * p.width;
      for (var kx = 0; kx < p.kernelWidth; kx++) {
${each(
  (i) => `        let ix${i} = left${i} + kx * p.rateX;
        let inside${i} = (ix${i} >= 0) & (ix${i} < p.width);`,
)}
        if (!(${repeat(pixelsEach, (i) => `inside${i}`, ' | ')})) { continue; }
        let weight = weights[(ky * p.kernelWidth + kx) * p.channels + c];
${each(
  (i) => `        let value${i} = input[(line + clamp(ix${i}, 0, p.width - 1)) * p.channels + c];
        sum${i} += select(vec4f(), value${i}, ${rectify ? `!(value${i} < vec4f()) & vec4<bool>(inside${i})` : `inside${i}`}) * weight;`,
)}
      }
    }
    let o = (row * p.outWidth + x0) * p.outputStride + p.outputOffset + c;
${each((i) => `    if (x0 + ${i} < p.outWidth) { output[o + ${i} * p.outputStride] = activate(sum${i}, bounds); }`)}`,
  });
}
