import { groupsFor, type Kernel, kernel } from '../kernels/kernel.ts';
import { rowGroups } from '../kernels/pixels.ts';

const threads = 64;
/** So many workgroups in a row; shaders go on from there. */
const across = 1024;
const blendParams = ['count', 'share'] as const;

/** Logits averaged with those of the past, where these lie. */
export const blend: Kernel<(typeof blendParams)[number]> = kernel({
  key: 'blend with the past',
  params: blendParams,
  reads: { logits: 'vec4f' },
  writes: { past: 'vec4f' },
  workgroup: [threads, 1, 1],
  body: `    let i = i32(id.x + id.y * ${across * threads}u);
    if (i >= p.count) { return; }
    past[i] = logits[i] + (past[i] - logits[i]) * bitcast<f32>(p.share);`,
});
export const blendGroups = (count: number): readonly [number, number, number] => {
  const groups = groupsFor(count, threads);
  return [Math.min(groups, across), Math.ceil(groups / across), 1];
};

const probabilityParams = ['pixels', 'classes', 'stride'] as const;

/** The softmax summed over the classes that are kept, at the logits' own size: `classProbability` of `mask`. */
export const probability: Kernel<(typeof probabilityParams)[number]> = kernel({
  key: 'probability of classes',
  params: probabilityParams,
  reads: { logits: 'f32', kept: 'i32' },
  writes: { output: 'f32' },
  workgroup: [threads, 1, 1],
  body: `    let pixel = i32(group.y + group.z * groups.y) * ${threads} + i32(local.x);
    if (pixel >= p.pixels) { return; }
    let at = pixel * p.stride;
    var largest = logits[at];
    for (var c = 1; c < p.classes; c++) { largest = max(largest, logits[at + c]); }
    var sum = 0.0;
    var chosen = 0.0;
    for (var c = 0; c < p.classes; c++) {
      let value = exp(logits[at + c] - largest);
      sum += value;
      if (kept[c] != 0) { chosen += value; }
    }
    output[pixel] = chosen / sum;`,
});
export { rowGroups as probabilityGroups };
