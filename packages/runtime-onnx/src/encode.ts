import { foldBatchNorm, type Model, selectOutputs } from '@atrous/graph';
import { type DType, type Port, sizeOf } from '@atrous/tensor';
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { Initializer } from './emitter.ts';
import { lowerGraph } from './lower.ts';

/** A file to be written: its size, and its bytes piece by piece. */
export interface EncodedOnnx {
  readonly size: number;
  readonly pieces: AsyncIterable<Uint8Array>;
}

export interface EncodeOptions {
  /** Any named value of the network. @default the network's own outputs */
  readonly outputs?: readonly string[];
  /** @default 'atrous' */
  readonly name?: string;
  /** Whether batch norms become part of the convolutions before them. @default true */
  readonly foldBatchNorm?: boolean;
}

const opset = 17n;
const irVersion = 8n; // the first that goes with opset 17

// Field numbers of onnx.proto for what is framed by hand, so that no tensor has to be in memory twice.
const modelGraph = 7;
const graphInitializer = 5;
const tensorRawData = 9;

const dataTypes: Record<DType | 'int64', TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
};
const elementBytes: Record<Initializer['type'], number> = { float32: 4, int64: 8 };

const axisNames: Record<number, readonly string[]> = {
  2: ['N', 'C'],
  3: ['N', 'H', 'W'],
  4: ['N', 'H', 'W', 'C'],
};

/** Free dimensions get names; only the network's inputs may share theirs, since other values have other sizes. */
function valueInfo(name: string, port: Port, isInput: boolean): ValueInfoProto {
  const dim = port.shape.map((extent, axis) => {
    if (extent !== null) return { value: { case: 'dimValue' as const, value: BigInt(extent) } };
    const axisName = axisNames[port.shape.length]?.[axis] ?? `d${axis}`;
    const label = isInput || axisName === 'N' ? axisName : `${name}.${axisName}`;
    return { value: { case: 'dimParam' as const, value: label } };
  });
  const tensorType = { elemType: dataTypes[port.dtype], shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensorType } } });
}

function frame(field: number, length: number): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish();
}

/** The framing of one initializer; its numbers follow. */
function initializerHead({ name, type, dims }: Initializer): { head: Uint8Array; rawSize: number } {
  const proto = create(TensorProtoSchema, { name, dataType: dataTypes[type], dims: dims.map(BigInt) });
  const description = toBinary(TensorProtoSchema, proto);
  const rawSize = sizeOf(dims) * elementBytes[type];
  const raw = frame(tensorRawData, rawSize);
  const length = description.byteLength + raw.byteLength + rawSize;
  return { head: join([frame(graphInitializer, length), description, raw]), rawSize };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.byteLength;
  }
  return all;
}

/**
 * A model as an ONNX file (opset 17): `image` float32 [N,H,W,3] with free batch, height and width, outputs by our
 * names, NHWC where the rank is 4, batch norms folded unless told otherwise. The size is known before the first weight is read, and one
 * weight is in memory at a time.
 */
export function encodeOnnx(model: Model, options: EncodeOptions = {}): EncodedOnnx {
  const graph = selectOutputs(model.graph, options.outputs);
  const selected = { graph, weights: model.weights };
  const { emitter, outputs } = lowerGraph(
    options.foldBatchNorm === false ? selected : foldBatchNorm(selected),
  );
  const graphHead = toBinary(
    GraphProtoSchema,
    create(GraphProtoSchema, {
      name: options.name ?? 'atrous',
      node: emitter.nodes,
      input: Object.entries(graph.inputs).map(([name, port]) => valueInfo(name, port, true)),
      output: Object.entries(outputs).map(([name, port]) => valueInfo(name, port, false)),
    }),
  );
  const initializers = emitter.initializers.map((initializer) => ({
    initializer,
    ...initializerHead(initializer),
  }));
  const graphSize = initializers.reduce(
    (sum, { head, rawSize }) => sum + head.byteLength + rawSize,
    graphHead.byteLength,
  );
  const modelHead = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion,
      producerName: 'atrous',
      opsetImport: [{ domain: '', version: opset }],
    }),
  );
  const head = join([modelHead, frame(modelGraph, graphSize), graphHead]);
  return {
    size: modelHead.byteLength + frame(modelGraph, graphSize).byteLength + graphSize,
    pieces: (async function* () {
      yield head;
      for (const { initializer, head: tensorHead } of initializers) {
        yield tensorHead;
        yield await initializer.read();
      }
    })(),
  };
}

/** A model as one ONNX file in memory. */
export async function toOnnx(model: Model, options?: EncodeOptions): Promise<Uint8Array> {
  const { size, pieces } = encodeOnnx(model, options);
  const bytes = new Uint8Array(size);
  let offset = 0;
  for await (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}
