import { geometries } from '@atrous/conformance';
import { ModelProtoSchema } from '@atrous/onnx-schema';
import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { type EncodeOptions, toOnnx } from './encode.ts';
import type { OnnxDescription } from './metadata.ts';

const model = geometries.get('conv2d: kernel 3')!;
const preprocess = {
  size: { mode: 'longest-side', pixels: 384, multipleOf: 16 },
  fit: 'stretch',
  filter: 'bilinear',
  channels: 'BGR',
  range: [0, 1],
  mean: [0.1, 0.2, 1 / 3],
  std: [0.25, 0.5, 1e-7],
} as const;
const labels = [
  { id: 0, name: 'nothing, "else"', color: '#000000' },
  { id: 1, name: 'Hände', color: '#ff8040' },
];
const description: OnnxDescription = {
  name: 'hands',
  task: 'semantic-segmentation',
  preprocess,
  postprocess: { resize: 'half-pixel' },
  labels,
  ignoreId: 255,
  licence: 'MIT',
  data: 'a hundred photos',
  weights: { source: 'atrous', sha256: 'ab' },
  version: '1.2.3',
};

async function write(options: EncodeOptions = {}) {
  const proto = fromBinary(ModelProtoSchema, await toOnnx(model, { description, ...options }));
  return {
    proto,
    about: Object.fromEntries(proto.metadataProps.map(({ key, value }) => [key, value])),
  };
}

test('a file says all that is known of its model, in words and in JSON', async () => {
  const { about } = await write();
  const { weights, range, mean, std, input_size, labels: listed, ...words } = about;
  expect([weights, range, mean, std, input_size, listed].map((text) => JSON.parse(text))).toEqual([
    description.weights,
    preprocess.range,
    preprocess.mean,
    preprocess.std,
    preprocess.size,
    labels,
  ]);
  expect(words).toEqual({
    name: 'hands',
    task: 'semantic-segmentation',
    model_license: 'MIT',
    training_data: 'a hundred photos',
    atrous_version: '1.2.3',
    layout: 'NHWC',
    channels: 'BGR',
    fit: 'stretch',
    filter: 'bilinear',
    resize: 'half-pixel',
    ignore_id: '255',
  });
});

test('what an export changes is said as it is in the file', async () => {
  const { about } = await write({ shapes: { image: [1, 9, 12, 3] }, layout: 'NCHW', normalize: true });
  expect(about.layout).toBe('NCHW');
  expect(
    ['input_size', 'range', 'mean', 'std', 'normalized_inside'].map((key) => JSON.parse(about[key])),
  ).toEqual([
    { mode: 'fixed', height: 9, width: 12 },
    [0, 255],
    [0, 0, 0],
    [1, 1, 1],
    { range: preprocess.range, mean: preprocess.mean, std: preprocess.std },
  ]);
});

test('producer, version, graph, input and outputs are described', async () => {
  const { proto } = await write();
  expect([proto.producerName, proto.producerVersion, proto.modelVersion, proto.graph!.name]).toEqual([
    'atrous',
    '1.2.3',
    1n,
    'hands',
  ]);
  const [input] = proto.graph!.input;
  expect(input.docString).toBe(
    'float32 [N,H,W,C], a picture resized to the input size (bilinear, stretch), channels BGR, ' +
      `(pixel / 255 * (1 - 0) + 0 - mean) / std with mean 0.1, 0.2, ${1 / 3} and std 0.25, 0.5, 1e-7`,
  );
  expect(proto.graph!.docString).toBe(`image: ${input.docString}`);
  const { proto: inside } = await write({ layout: 'NCHW', normalize: true });
  expect(inside.graph!.input[0].docString).toMatch(/^float32 \[N,C,H,W\].*pixels of 0 to 255: the graph/);
  const y = model.graph.outputs.y;
  const named = { graph: { ...model.graph, outputs: { logits: y, labels: y } }, weights: model.weights };
  const { graph } = fromBinary(ModelProtoSchema, await toOnnx(named, { description }));
  expect(graph!.output.map(({ docString }) => docString)).toEqual([
    expect.stringMatching(/^scores of 2 classes .*\(bilinear, half-pixel\)/),
    "the class id of each pixel, at the input's size",
  ]);
});

test('what is not known is left out', async () => {
  const { about, proto } = await write({ description: {} });
  expect(about).toEqual({ layout: 'NHWC' });
  expect(proto.graph!.name).toBe('atrous');
});
