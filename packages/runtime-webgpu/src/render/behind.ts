import { blurWeights, leastWeight } from '@atrous/mask/looks';
import { groupsFor, type Kernel, kernel } from '../kernels/kernel.ts';
import { coverageCode } from './coverage_code.ts';
import { type FrameKind, frameAtCode, frameCode } from './frame_source.ts';

// biome-ignore format: a list
const meansParams = ['width', 'height', 'frameWidth', 'frameHeight', 'inWidth', 'softness', 'gridWidth', 'gridHeight'] as const;

/** Means over squares of the frame, in which a pixel counts as much as it is not covered: `behindOf` of `mask`, before its blur. */
export const means = (kind: FrameKind): Kernel<(typeof meansParams)[number]> =>
  kernel({
    key: `means behind, ${kind}`,
    params: meansParams,
    reads: { probability: 'f32', taps: 'i32' },
    writes: { output: 'vec4f' },
    workgroup: [8, 8, 1],
    declarations: frameCode(kind) + frameAtCode + coverageCode,
    body: `    let column = i32(id.x);
    let row = i32(id.y);
    if (column >= p.gridWidth || row >= p.gridHeight) { return; }
    let top = row * p.height / p.gridHeight;
    let bottom = (row + 1) * p.height / p.gridHeight;
    let left = column * p.width / p.gridWidth;
    let right = (column + 1) * p.width / p.gridWidth;
    var sum = vec4f();
    for (var y = top; y < bottom; y++) {
      for (var x = left; x < right; x++) {
        let weight = 1.0 - coverageAt(x, y) + ${leastWeight};
        sum += vec4f(frameAt(x, y).rgb * weight, weight);
      }
    }
    output[row * p.gridWidth + column] = sum / f32((bottom - top) * (right - left));`,
  });

const blurParams = ['width', 'height'] as const;

/** A blur along rows or columns; what lies beyond an edge is what lies at it. */
export const blur = (isAcross: boolean): Kernel<(typeof blurParams)[number]> =>
  kernel({
    key: `blur ${isAcross ? 'across' : 'down'}`,
    params: blurParams,
    reads: { input: 'vec4f', weights: 'f32' },
    writes: { output: 'vec4f' },
    workgroup: [8, 8, 1],
    body: `    let x = i32(id.x);
    let y = i32(id.y);
    if (x >= p.width || y >= p.height) { return; }
    var sum = vec4f();
    for (var k = 0; k < ${blurWeights.length}; k++) {
      let away = k - ${(blurWeights.length - 1) / 2};
      let at = ${isAcross ? 'y * p.width + clamp(x + away, 0, p.width - 1)' : 'clamp(y + away, 0, p.height - 1) * p.width + x'};
      sum += input[at] * weights[k];
    }
    output[y * p.width + x] = sum;`,
  });

export const gridGroups = (width: number, height: number): readonly [number, number, number] => [
  groupsFor(width, 8),
  groupsFor(height, 8),
  1,
];
