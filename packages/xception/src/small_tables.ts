import type { Block, Variant } from './variant.ts';

// github.com/oarriaga/face_classification: emotions in 48×48 or 64×64 grey faces (Arriaga et al. 2017).

/** Modules as Chollet's entry flow has them, but what is between two of them is not activated. */
const modules = (widths: readonly number[], leading: (index: number) => boolean = () => false): Block[] =>
  widths.map((channels, i) => ({
    name: `entry_flow/block${i + 1}`,
    widths: [channels, channels],
    stride: 2,
    skip: 'conv',
    leading: leading(i),
  }));

const greyFaces = {
  style: 'pooled',
  lastActivation: false,
  epsilon: 1e-3,
  padding: { stem: 'valid', pool: 'same' },
  lowLevel: 'entry_flow/block2',
  inputSize: 64,
  channels: 1,
  classifier: { kind: 'class-maps', kernel: 3 },
} as const satisfies Partial<Variant>;

export const miniXception: Variant = {
  ...greyFaces,
  stem: [
    { channels: 8, stride: 1 },
    { channels: 8, stride: 1 },
  ],
  blocks: modules([16, 32, 64, 128]),
};

export const tinyXception: Variant = {
  ...greyFaces,
  stem: [
    { channels: 5, stride: 1 },
    { channels: 5, stride: 1 },
  ],
  blocks: modules([8, 16, 32, 64]),
};

export const bigXception: Variant = {
  ...greyFaces,
  stem: [
    { channels: 32, stride: 2 },
    { channels: 64, stride: 1 },
  ],
  blocks: modules([128, 256], (i) => i > 0),
  lowLevel: 'entry_flow/block1',
};

// github.com/justadudewhohacks/face-api.js: age and gender of a face. No batch norm; biases instead.

export const tinyXceptionFaces: Variant = {
  style: 'pooled',
  stem: [{ channels: 32, stride: 2 }],
  blocks: [
    { name: 'entry_flow/block1', widths: [64, 64], stride: 2, skip: 'conv', leading: false },
    { name: 'entry_flow/block2', widths: [128, 128], stride: 2, skip: 'conv', leading: true },
    ...[1, 2].map(
      (i): Block => ({
        name: `middle_flow/block${i}`,
        widths: [128, 128, 128],
        stride: 1,
        skip: 'sum',
        leading: true,
      }),
    ),
    { name: 'exit_flow/block1', widths: [256, 256], stride: 2, skip: 'conv', leading: true },
    { name: 'exit_flow/block2', widths: [512], stride: 1, skip: 'none', leading: false },
  ],
  lastActivation: true,
  epsilon: 'none',
  padding: { stem: 'same', pool: 'same' },
  lowLevel: 'entry_flow/block1',
  inputSize: 112,
  classifier: { kind: 'pooled', outputs: { age: 1, gender: 2 } },
};

// Xception-39: Yu et al. 2018 (BiSeNet), table 1, as its authors' code (TorchSeg) has it.

const bottlenecks = (stage: number, count: number, width: number): Block[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `stage${stage}/block${i + 1}`,
    widths: [width, width, 4 * width],
    stride: i === 0 ? 2 : 1,
    skip: i === 0 ? 'conv' : 'sum',
    leading: false,
  }));

export const xception39: Variant = {
  style: 'bottleneck',
  stem: [{ channels: 8, stride: 2 }],
  stemPool: true,
  blocks: [...bottlenecks(1, 4, 16), ...bottlenecks(2, 8, 32), ...bottlenecks(3, 4, 64)],
  lastActivation: false,
  epsilon: 1e-5,
  padding: { stem: 'symmetric', pool: 'symmetric' },
  lowLevel: 'entry_flow/pool',
  inputSize: 224,
  classifier: { kind: 'pooled' },
};
