import { geometries } from '@atrous/conformance';
import { castToHalf, withLabels } from '@atrous/graph';
import { ModelProtoSchema, TensorProto_DataType } from '@atrous/onnx-schema';
import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { encodeOnnx, toOnnx } from './encode.ts';

const model = geometries.get('separable convolution')!;
const decode = async (given = model, outputs?: string[]) =>
  fromBinary(ModelProtoSchema, await toOnnx(given, { outputs }));
const kinds = (proto: Awaited<ReturnType<typeof decode>>) => proto.graph!.node.map(({ opType }) => opType);

test('one transpose in and one per output, batch norms folded', async () => {
  const proto = await decode(model, ['y', 'layer/depthwise/batch_norm']);
  expect(kinds(proto).filter((kind) => kind === 'Transpose')).toHaveLength(3);
  expect(kinds(proto)).not.toContain('BatchNormalization');
  expect(proto.opsetImport.map(({ version }) => version)).toEqual([17n]);
});

test('batch, height and width are free and have names', async () => {
  const [image] = (await decode()).graph!.input;
  const shape = image.type!.value.case === 'tensorType' ? image.type!.value.value.shape!.dim : [];
  expect(image.name).toBe('image');
  expect(shape.map(({ value }) => value.value)).toEqual(['N', 'H', 'W', 3n]);
});

test('channels first: no transposes, dimensions named in that order', async () => {
  const proto = fromBinary(ModelProtoSchema, await toOnnx(model, { layout: 'NCHW' }));
  expect(kinds(proto)).not.toContain('Transpose');
  const names = [...proto.graph!.input, ...proto.graph!.output].map(({ type }) =>
    type!.value.case === 'tensorType' ? type!.value.value.shape!.dim.map(({ value }) => value.value) : [],
  );
  expect(names).toEqual([
    ['N', 3n, 'H', 'W'],
    ['N', 12n, 'y.H', 'y.W'],
  ]);
});

test('every value is written before it is read', async () => {
  for (const piece of geometries.values()) {
    const { graph } = await decode(piece);
    const known = new Set([
      '',
      ...graph!.input.map(({ name }) => name),
      ...graph!.initializer.map(({ name }) => name),
    ]);
    for (const node of graph!.node) {
      for (const input of node.input) expect(known, node.name).toContain(input);
      for (const output of node.output) {
        expect(known).not.toContain(output);
        known.add(output);
      }
    }
    for (const { name } of graph!.output) expect(known).toContain(name);
  }
});

test('the file has the size that was announced, tensor after tensor', async () => {
  const { size, pieces: parts } = encodeOnnx(model);
  let written = 0;
  for await (const part of parts) written += part.byteLength;
  expect(written).toBe(size);
});

test('half-precision weights are written as float32', async () => {
  const { graph } = await decode(castToHalf(model));
  const types = new Set(graph!.initializer.map(({ dataType }) => dataType));
  expect(types).not.toContain(TensorProto_DataType.FLOAT16);
});

test('labels come out as uint8', async () => {
  const named = {
    graph: { ...model.graph, outputs: { logits: model.graph.outputs.y } },
    weights: model.weights,
  };
  const { graph } = await decode({ ...named, graph: withLabels(named.graph, 'half-pixel') });
  const type = graph!.output[0].type!.value;
  expect(graph!.output[0].name).toBe('labels');
  expect(type.case === 'tensorType' && type.value.elemType).toBe(TensorProto_DataType.UINT8);
});
