import { type Graph, type Model, type WeightSource, weightShapes } from '@atrous/graph';
import { AtrousError, floatsOf, sizeOf, type Tensor, tensor } from '@atrous/tensor';
import { type FillKind, fill, imageFill } from './fill.ts';

/** What is kept of a tensor: its shape, its spread, and up to 64 samples at indices into the flattened NHWC tensor. */
export interface Stats {
  readonly shape: readonly number[];
  readonly mean: number;
  readonly std: number;
  readonly absmax: number;
  readonly index: readonly number[];
  readonly value: readonly number[];
}

/** One weight of the original: name, shape, kind, and its fan-in where the shape does not say it. */
export type Param = readonly [name: string, shape: readonly number[], kind: FillKind, fanIn?: number];

/** A golden file of a network with generated weights. */
export interface Golden {
  readonly source: string;
  readonly model: string;
  readonly input: { readonly size: readonly [number, number, number, number] };
  /** @default 32 */
  readonly outputStride?: 8 | 16 | 32;
  readonly params: readonly Param[];
  /** By name, or timm's feature taps, finest first. */
  readonly endpoints?: Readonly<Record<string, Stats>> | readonly (Stats & { readonly reduction: number })[];
  readonly features?: Stats;
  readonly aspp?: Stats;
  readonly logits?: Stats;
  readonly resizedLogits?: Stats;
  /** The logits at the input's size. */
  readonly resized?: Stats;
  /** Trainable parameters. */
  readonly count?: number;
}

/** Goldens of the networks that Xception is compared with, and of DeepLabs by others' code. */
export const encoderGoldenNames = [
  'timm-vgg16-64x96',
  'timm-resnet50-97x129-os16',
  'timm-mobilenetv2_100-97x129-os16',
  'timm-inception_v3-147x139',
  'timm-inception_v4-107x123',
  'timm-inception_resnet_v2-139x160',
  'keras-inception_v3-139x107',
  'keras-resnet50-66x97',
  'keras-mobilenet_v2-66x97',
  'keras-mobilenet_v3_large-66x97',
  'torchvision-deeplabv3_resnet50-65x97',
  'torchvision-deeplabv3_mobilenet_v3_large-65x97',
  'vainf-deeplabv3plus_resnet50-97x129-os16',
  'vainf-deeplabv3plus_mobilenet-97x129-os16',
  'bubbliiiing-deeplab-mobilenet-97x129-os16',
  'smp-deeplabv3plus-resnet50-96x128-os16',
] as const;

export type EncoderGoldenName = (typeof encoderGoldenNames)[number];

/** Goldens of Xceptions, alone and under DeepLabs. */
const xceptionGoldenNames = [
  'timm-xception-299',
  'timm-xception41-129-os16',
  'timm-xception41-96x160-os16-batch2',
  'timm-xception41p-129-os16',
  'timm-xception65-129-os16',
  'keras-xception-299',
  'keras-deeplabv3plus-xception65-65x321-os16',
  'keras-deeplabv3plus-xception65-96x304-os16',
  'jfzhang95-deeplab-xception-97x129-os16',
  'bubbliiiing-deeplab-xception-97x129-os16',
  'smp-deeplabv3plus-tu-xception65-96x128-os16',
] as const;

export type GoldenName = (typeof xceptionGoldenNames)[number] | EncoderGoldenName;

/** Every golden of a network with generated weights. */
export const goldenNames: readonly GoldenName[] = [...xceptionGoldenNames, ...encoderGoldenNames];

/** The original's weights, generated when they are read, under the original's names and in its layouts. */
export function goldenWeights(golden: Pick<Golden, 'params'>): WeightSource {
  const params = new Map(golden.params.map((param) => [param[0], param]));
  const find = (name: string): Param => {
    const param = params.get(name);
    if (!param) throw new AtrousError('weights', `golden: weight "${name}" is missing`);
    return param;
  };
  return {
    names: [...params.keys()],
    spec: (name) => ({ dtype: 'float32', shape: find(name)[1] }),
    read: async (name) => {
      const [, shape, kind, fanIn = sizeOf(shape.slice(1))] = find(name);
      return tensor('float32', shape, fill(name, sizeOf(shape), kind, fanIn));
    },
  };
}

/** Generated weights for any graph, under our own names: for tests that need numbers rather than an original. */
export function filledModel(graph: Graph): Model {
  const shapes = weightShapes(graph);
  const params = [...shapes].map(([name, shape]): Param => {
    const kind = name.slice(name.lastIndexOf('/') + 1) as FillKind;
    const isDepthwise = shape.length === 3;
    return [
      name,
      shape,
      kind,
      kind === 'kernel' ? sizeOf(isDepthwise ? shape.slice(0, 2) : shape.slice(0, -1)) : 1,
    ];
  });
  return { graph, weights: goldenWeights({ params }) };
}

/** The golden picture as a feed. */
export function goldenImage(shape: readonly number[]): Tensor<'float32'> {
  return tensor('float32', shape, imageFill(sizeOf(shape)));
}

/** The largest difference from the samples, relative to the original's largest value; infinite where shapes differ. */
export function goldenError(actual: Tensor, expected: Stats): number {
  if (actual.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  const values = floatsOf(actual);
  const worst = expected.index.reduce((max, at, i) => {
    const difference = Math.abs(values[at] - expected.value[i]);
    return Math.max(difference, max); // NaN wins
  }, 0);
  return worst / expected.absmax;
}

/** The largest difference of two tensors, relative to the second's largest value; infinite where shapes differ. */
export function relativeError(actual: Tensor, expected: Tensor): number {
  if (actual.shape.join() !== expected.shape.join()) return Number.POSITIVE_INFINITY;
  const [a, b] = [actual.data, expected.data];
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const d = Math.abs(a[i] - b[i]);
    if (!(d <= difference)) difference = d;
    largest = Math.max(largest, Math.abs(b[i]));
  }
  return largest === 0 ? difference : difference / largest;
}
