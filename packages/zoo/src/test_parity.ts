import { inception } from '@atrous/baselines/inception';
import {
  type Golden,
  type GoldenName,
  goldenError,
  goldenImage,
  goldenWeights,
  rmsError,
  type Stats,
} from '@atrous/golden';
import {
  buildGraph,
  type Graph,
  imageInput,
  type Model,
  type Runtime,
  type WeightSource,
  weightsFrom,
  withLabels,
} from '@atrous/graph';
import { floatsOf, type ResizeConvention, type Tensor, type Tensors, tensor } from '@atrous/tensor';
import type { NetworkOptions } from './architecture.ts';
import { type LoadedModel, modelFromWeights } from './load.ts';

/** Where an original's endpoint stands in our network, and whether the original gives it after its ReLU. */
export interface Tap {
  readonly ours: string;
  readonly relu?: boolean;
}

/** What a golden's file is recognised as. */
export const recognised: Readonly<Record<GoldenName, readonly [source: string, network: string]>> = {
  'timm-xception-299': ['timm', 'xception'],
  'timm-xception41-129-os16': ['timm', 'xception41'],
  'timm-xception41-96x160-os16-batch2': ['timm', 'xception41'],
  'timm-xception41p-129-os16': ['timm', 'xception41p'],
  'timm-xception65-129-os16': ['timm', 'xception65'],
  'timm-vgg16-64x96': ['timm', 'vgg16'],
  'timm-resnet50-97x129-os16': ['timm', 'resnet50'],
  'timm-mobilenetv2_100-97x129-os16': ['timm', 'mobilenetv2_100'],
  'timm-inception_v3-147x139': ['timm', 'inception_v3'],
  'timm-inception_v4-107x123': ['timm', 'inception_v4'],
  'timm-inception_resnet_v2-139x160': ['timm', 'inception_resnet_v2'],
  'keras-xception-299': ['keras', 'xception'],
  'keras-inception_v3-139x107': ['keras', 'inception_v3'],
  'keras-resnet50-66x97': ['keras', 'resnet50'],
  'keras-mobilenet_v2-66x97': ['keras', 'mobilenetv2_100'],
  'keras-mobilenet_v3_large-66x97': ['keras', 'mobilenetv3_large_100'],
  'keras-deeplabv3plus-xception65-65x321-os16': ['keras-deeplab', 'deeplabv3plus-xception65'],
  'keras-deeplabv3plus-xception65-96x304-os16': ['keras-deeplab', 'deeplabv3plus-xception65'],
  'torchvision-deeplabv3_resnet50-65x97': ['torchvision-deeplab', 'deeplabv3-resnet50'],
  'torchvision-deeplabv3_mobilenet_v3_large-65x97': [
    'torchvision-deeplab',
    'deeplabv3-mobilenetv3_large_100',
  ],
  'jfzhang95-deeplab-xception-97x129-os16': ['jfzhang95', 'deeplabv3plus-xception65'],
  'bubbliiiing-deeplab-xception-97x129-os16': ['bubbliiiing', 'deeplabv3plus-xception65'],
  'bubbliiiing-deeplab-mobilenet-97x129-os16': ['bubbliiiing', 'deeplabv3plus-mobilenetv2_100'],
  'vainf-deeplabv3plus_resnet50-97x129-os16': ['vainf', 'deeplabv3plus-resnet50'],
  'vainf-deeplabv3plus_mobilenet-97x129-os16': ['vainf', 'deeplabv3plus-mobilenetv2_100'],
  'smp-deeplabv3plus-resnet50-96x128-os16': ['smp', 'deeplabv3plus-resnet50'],
  'smp-deeplabv3plus-tu-xception65-96x128-os16': ['smp', 'deeplabv3plus-xception65'],
};

/** One golden of each family, and of each head. */
export const oneOfEach: readonly GoldenName[] = [
  'timm-xception41-129-os16',
  'timm-vgg16-64x96',
  'timm-inception_v3-147x139',
  'torchvision-deeplabv3_mobilenet_v3_large-65x97',
  'keras-deeplabv3plus-xception65-96x304-os16',
  'vainf-deeplabv3plus_mobilenet-97x129-os16',
  'smp-deeplabv3plus-resnet50-96x128-os16',
];

const strided = ['entry_flow/block1', 'entry_flow/block2', 'entry_flow/block3', 'exit_flow/block1'];
const rectifiedTaps = [
  ...strided.map((block) => ({ ours: `${block}/conv2`, relu: true })),
  { ours: 'features' },
];

const named = (...names: readonly string[]): readonly Tap[] => names.map((ours) => ({ ours }));

/** timm's feature taps (`features_only`), finest first. */
const timmTaps: Readonly<Record<string, readonly Tap[]>> = {
  xception: [
    { ours: 'entry_flow/conv2', relu: true },
    { ours: 'entry_flow/block1', relu: true },
    { ours: 'entry_flow/block2', relu: true },
    { ours: 'middle_flow/block8', relu: true },
    { ours: 'features' },
  ],
  xception41: rectifiedTaps,
  xception65: rectifiedTaps,
  xception41p: named(...strided.map((block) => `${block}/conv2`), 'exit_flow/block2'),
  vgg16: named('stage1', 'stage2', 'stage3', 'stage4', 'stage5', 'features'),
  resnet50: named('conv1', 'stage1', 'stage2', 'stage3', 'stage4'),
  mobilenetv2_100: named('stage1', 'stage2', 'stage3', 'stage5', 'stage7'),
  inception_v3: inceptionTaps('inception_v3'),
  inception_v4: inceptionTaps('inception_v4'),
  inception_resnet_v2: inceptionTaps('inception_resnet_v2'),
};

/** The taps of an Inception are timm's. */
function inceptionTaps(variant: string): readonly Tap[] {
  let names: readonly string[] = [];
  buildGraph(imageInput(), (root, { image }) => {
    const { features, last } = inception.build(variant).build(root, image, { outputStride: 32 });
    names = features.map(({ name }) => name);
    return { features: last };
  });
  return named(...names);
}

/** Named endpoints of Keras' networks. */
const kerasTaps: Readonly<Record<string, Tap>> = {
  lowLevelBeforeRelu: { ours: 'entry_flow/block2/conv2' },
  featuresBeforeRelu: { ours: 'exit_flow/block2/conv3' },
  asppBeforeRelu: { ours: 'aspp/projection/batch_norm' },
  decoderBeforeRelu: { ours: 'decoder/conv2/pointwise/batch_norm' },
  logits: { ours: 'logits' },
  block1_conv2_act: { ours: 'entry_flow/conv2', relu: true },
  block4_sepconv1_act: { ours: 'entry_flow/block2', relu: true },
  block13_sepconv2_bn: { ours: 'exit_flow/block1/conv2' },
  block14_sepconv2_act: { ours: 'features' },
};

/** Tensors that every kind of golden has under the same names. */
const common = ['features', 'aspp', 'logits', 'resized', 'resizedLogits'] as const;

/** Every number that a golden file holds, with its place in our network. */
export function expectations(golden: Golden): { tap: Tap; stats: Stats }[] {
  const { endpoints = {}, model } = golden;
  const timm = (timmTaps[model] ?? []).map((tap, i) => ({ tap, stats: (endpoints as readonly Stats[])[i] }));
  const byName = Object.entries(endpoints).flatMap(([name, stats]: [string, Stats]) =>
    name in kerasTaps ? [{ tap: kerasTaps[name], stats }] : [],
  );
  const others = common.flatMap((name) => {
    const stats = golden[name];
    return stats ? [{ tap: { ours: name.startsWith('resized') ? 'labels/resize' : name }, stats }] : [];
  });
  return [...(Array.isArray(endpoints) ? timm : byName), ...others];
}

const relu = (value: Tensor): Tensor =>
  tensor(
    'float32',
    value.shape,
    floatsOf(value).map((x) => Math.max(x, 0)),
  );

/** The original's network with its weights, recognised from their names and shapes. */
export function goldenModel(
  golden: Golden,
  options: NetworkOptions = {},
  weights: WeightSource = goldenWeights(golden),
): Promise<LoadedModel> {
  return modelFromWeights(weights, { options: { outputStride: golden.outputStride, ...options } });
}

/** The network up to labels, whose logits can still be asked for. */
function labelled(graph: Graph, resize: ResizeConvention): Graph {
  const whole = withLabels(graph, resize);
  return { ...whole, endpoints: { ...whole.endpoints, logits: graph.outputs.logits } };
}

/** A golden's network, and what of its original's numbers a run of it misses. */
export interface Held {
  readonly model: Model;
  /** All values that the golden's file has numbers of. */
  readonly outputs: readonly string[];
  /** The largest relative error. */
  errorOf(values: Tensors): number;
  /** The largest of the RMS errors, each of one tensor's samples and relative to their RMS. */
  rmsErrorOf(values: Tensors): number;
}

/** A golden's network as it is recognised, its weights held in memory: several runtimes read them in turn. */
export async function holdGolden(golden: Golden): Promise<Held> {
  const { graph, weights, architecture } = await goldenModel(golden);
  const expected = expectations(golden);
  const outputs = [...new Set(expected.map(({ tap }) => tap.ours))];
  // full-size logits are a value on the way to labels
  const isResized = outputs.includes('labels/resize');
  const tensors: Record<string, Tensor> = {};
  for (const name of weights.names) tensors[name] = await weights.read(name);
  return {
    model: {
      graph: isResized ? labelled(graph, architecture.resize ?? 'align-corners') : graph,
      weights: weightsFrom(tensors),
    },
    outputs,
    errorOf: (values) =>
      Math.max(
        ...expected.map(({ tap: { ours, relu: isRectified }, stats }) =>
          goldenError(isRectified ? relu(values[ours]) : values[ours], stats),
        ),
      ),
    rmsErrorOf: (values) =>
      Math.max(
        ...expected.map(({ tap: { ours, relu: isRectified }, stats: { index, value } }) => {
          const { data } = isRectified ? relu(values[ours]) : values[ours];
          const samples = (numbers: readonly number[]) =>
            tensor('float32', [index.length], Float32Array.from(numbers));
          return rmsError(samples(index.map((at) => data[at])), samples(value));
        }),
      ),
  };
}

/** The largest relative error of all that a golden file holds, on a runtime. */
export async function parityError(golden: Golden, runtime: Runtime, held?: Held): Promise<number> {
  const { model, outputs, errorOf } = held ?? (await holdGolden(golden));
  const session = await runtime.load(model, { outputs });
  try {
    return errorOf(await session.run({ image: goldenImage(golden.input.size) }));
  } finally {
    await session.dispose();
  }
}
