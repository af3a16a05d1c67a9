import { memoryBytes, toSafetensors } from '@atrous/checkpoint';
import { filledModel, goldenImage, relativeError } from '@atrous/golden';
import { evaluate, foldBatchNorm, readWeight, weightShapes } from '@atrous/graph';
import { toOnnx } from '@atrous/runtime-onnx';
import { type Tensor, tensor } from '@atrous/tensor';
import { expect, test } from 'vitest';
import { type Architecture, buildNetwork } from './architecture.ts';
import { loadFamily } from './families.ts';
import { loadCheckpoint } from './load.ts';
import { architectureMetadata } from './save.ts';

/** Networks that their names alone would not tell: other widths, other kinds of convolutions, no batch norms. */
const architectures: [string, Architecture][] = [
  [
    'a narrow Xception with modified separable convolutions',
    {
      head: 'deeplabv3plus',
      encoder: {
        family: 'xception',
        variant: 'xception41',
        options: { widthMultiplier: 1 / 32, channelDivisor: 2, order: 'pointwise-first' },
      },
      classes: 3,
      resize: 'half-pixel',
      aspp: { channels: 4, convolution: 'ordinary' },
      decoder: { channels: 4, lowLevelChannels: 2, lowLevelFirst: true },
    },
  ],
  [
    'a narrow pre-activated one, whose batch norms cannot all be folded',
    {
      head: 'classifier',
      encoder: {
        family: 'xception',
        variant: 'xception41p',
        options: { widthMultiplier: 1 / 32, channelDivisor: 2 },
      },
      classes: 5,
    },
  ],
  [
    'a narrow ResNet',
    {
      head: 'deeplabv3',
      encoder: { family: 'resnet', variant: 'resnet18', options: { widthMultiplier: 1 / 16 } },
      classes: 4,
      aspp: { channels: 4 },
    },
  ],
];

test.each(architectures)('%s is known from its own file alone', async (_what, architecture) => {
  const graph = buildNetwork(await loadFamily(architecture.encoder.family), architecture);
  const model = filledModel(graph);
  const tensors: Record<string, Tensor> = {};
  for (const [name, shape] of weightShapes(graph)) {
    tensors[name] = tensor('float32', shape, await readWeight(model.weights, name, shape));
  }
  const feeds = { image: goldenImage([1, 65, 97, 3]) };
  const { logits } = await evaluate(model, feeds);
  const description = { architecture };
  const files = {
    safetensors: await toSafetensors(tensors, architectureMetadata(architecture)),
    'folded ONNX': await toOnnx(model, { description }),
    ONNX: await toOnnx(model, { description, foldBatchNorm: false }),
  };
  for (const [format, bytes] of Object.entries(files)) {
    const read = await loadCheckpoint(memoryBytes(bytes, format));
    expect(read.architecture, format).toEqual(architecture);
    expect(read.ignored, format).toEqual([]);
    expect(relativeError((await evaluate(read, feeds)).logits, logits), format).toBeLessThan(1e-5);
    expect(weightShapes(read.graph), format).toEqual(
      weightShapes(format === 'folded ONNX' ? foldBatchNorm(model).graph : graph),
    );
  }
});

test('a file whose word on its network is none is refused', async () => {
  const file = (architecture: string) =>
    toSafetensors({ 'a/kernel': tensor('float32', [1], new Float32Array(1)) }, { architecture });
  const load = async (text: string) => loadCheckpoint(memoryBytes(await file(text), 'a'));
  await expect(load('{"head":"deeplabv3"}')).rejects.toThrow('unknown encoder family "undefined"');
  await expect(load('{"encoder":{"family":"vgg","variant":"vgg17"}}')).rejects.toMatchObject({
    code: 'format',
    message: expect.stringContaining('head: missing'),
  });
});
