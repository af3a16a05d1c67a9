import { type ActivationCode, activate, type BoundParam, boundParams, readBounds } from './activation.ts';
import { foldedGroup, foldGroups, groupsFor, type Kernel, kernel } from './kernel.ts';

const lanes = 16;
const ranks = 4;

/** Workgroups over channels, or vectors of them, and pixels. */
export const elementGroups = (channels: number, pixels: number): readonly [number, number, number] => [
  groupsFor(channels, lanes),
  ...foldGroups(groupsFor(pixels, ranks)),
];

/** A thread's channel, or vector of channels, `c` and `pixel`. */
const place = `    let c = i32(id.x);
    let pixel = ${foldedGroup} * ${ranks} + i32(local.y);
    if (c >= p.channels || pixel >= p.pixels) { return; }`;
const elements = ['channels', 'pixels', 'outputStride', 'outputOffset'] as const;
export type ElementParam = (typeof elements)[number];
const output = 'output[pixel * p.outputStride + p.outputOffset + c]';
const workgroup = [lanes, ranks, 1] as const;

/** An activation alone. */
export const activationKernel = (activation: ActivationCode): Kernel<ElementParam | BoundParam> =>
  kernel({
    key: `activation ${activation}`,
    params: [...elements, ...boundParams],
    reads: { input: 'vec4f' },
    writes: { output: 'vec4f' },
    workgroup,
    declarations: activate(activation),
    body: `${place}
${readBounds()}
    ${output} = activate(input[pixel * p.channels + c], bounds);`,
  });

/** A factor and a shift per channel, one after the other in the weights. */
export const affine = (activation: ActivationCode): Kernel<ElementParam | BoundParam> =>
  kernel({
    key: `affine ${activation}`,
    params: [...elements, ...boundParams],
    reads: { input: 'vec4f', weights: 'vec4f' },
    writes: { output: 'vec4f' },
    workgroup,
    declarations: activate(activation),
    body: `${place}
${readBounds()}
    ${output} = activate(input[pixel * p.channels + c] * weights[c] + weights[p.channels + c], bounds);`,
  });

export type PairParam = ElementParam | BoundParam | 'pixelsPerOther';

/** Two values, pixel by pixel; of a gate, one pixel stands for all of a picture. */
export const paired = (kind: 'add' | 'multiply', activation: ActivationCode): Kernel<PairParam> =>
  kernel({
    key: `${kind} ${activation}`,
    params: [...elements, ...boundParams, 'pixelsPerOther'],
    reads: { input: 'vec4f', other: 'vec4f' },
    writes: { output: 'vec4f' },
    workgroup,
    declarations: activate(activation),
    body: `${place}
${readBounds()}
    let b = other[pixel / p.pixelsPerOther * p.channels + c];
    ${output} = activate(input[pixel * p.channels + c] ${kind === 'add' ? '+' : '*'} b, bounds);`,
  });

export type CopyParam = ElementParam | 'inputStride' | 'held';

/** Copies channels to where they lie in a concat. Beyond what is `held`, up to `channels`, it writes zeros: the gap at the end of a pixel. */
export const copy: Kernel<CopyParam> = kernel({
  key: 'copy',
  params: [...elements, 'inputStride', 'held'],
  reads: { input: 'f32' },
  writes: { output: 'f32' },
  workgroup,
  body: `${place}
    var value = 0.0;
    if (c < p.held) { value = input[pixel * p.inputStride + c]; }
    ${output} = value;`,
});

const rows = ['pixels', 'channels', 'stride'] as const;
export type RowParam = (typeof rows)[number];
const rowThreads = 64;

/** Workgroups of a thread per pixel. */
export const rowGroups = (pixels: number): readonly [number, number, number] => [
  1,
  ...foldGroups(groupsFor(pixels, rowThreads)),
];
const rowPlace = `    let pixel = ${foldedGroup} * ${rowThreads} + i32(local.x);
    if (pixel >= p.pixels) { return; }
    let at = pixel * p.stride;`;
const largest = `    var largest = input[at];
    for (var c = 1; c < p.channels; c++) { largest = max(largest, input[at + c]); }`;

/** Probabilities over the channels of each pixel; the gap is zeros. */
export const softmax: Kernel<RowParam | 'outputStride' | 'outputOffset'> = kernel({
  key: 'softmax',
  params: [...rows, 'outputStride', 'outputOffset'],
  reads: { input: 'f32' },
  writes: { output: 'f32' },
  workgroup: [rowThreads, 1, 1],
  body: `${rowPlace}
${largest}
    var sum = 0.0;
    for (var c = 0; c < p.channels; c++) { sum += exp(input[at + c] - largest); }
    let out = pixel * p.outputStride + p.outputOffset;
    for (var c = 0; c < p.channels; c++) { output[out + c] = exp(input[at + c] - largest) / sum; }
    for (var c = p.channels; c < p.stride; c++) { output[out + c] = 0.0; }`,
});

/** The channel with the largest value, the lowest of equals: a number of 32 bits per pixel. */
export const argMax: Kernel<RowParam> = kernel({
  key: 'arg max',
  params: rows,
  reads: { input: 'f32' },
  writes: { output: 'u32' },
  workgroup: [rowThreads, 1, 1],
  body: `${rowPlace}
    var best = 0;
    var largest = input[at];
    for (var c = 1; c < p.channels; c++) {
      let next = input[at + c];
      if (next > largest) { largest = next; best = c; }
    }
    output[pixel] = u32(best);`,
});
