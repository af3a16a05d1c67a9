import { foldBatchNorm, type Model, selectOutputs } from '@atrous/graph';
import { GraphProtoSchema, ModelProtoSchema, TensorProtoSchema } from '@atrous/onnx-schema';
import { AtrousError, type EncodedFile, sizeOf } from '@atrous/tensor';
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Initializer } from './emitter.ts';
import { fixShapes } from './fixed.ts';
import { type Layout, lowerGraph } from './lower.ts';
import {
  describeInput,
  describeOutput,
  type ExportedInput,
  metadataOf,
  type OnnxDescription,
} from './metadata.ts';
import { dataTypes, valueInfo } from './value_info.ts';

export interface EncodeOptions {
  /** Any named value of the network. @default the network's own outputs */
  readonly outputs?: readonly string[];
  /** What the file says about the model: see `metadataOf`. */
  readonly description?: OnnxDescription;
  /**
   * One shape for each input, NHWC, e.g. `{ image: [1, 513, 513, 3] }`: every size in the file is a number then, and
   * readers that know no shape arithmetic (OpenCV) can take it. @default free batch, height and width
   */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  /** The axes of rank-4 inputs and outputs. @default 'NHWC' */
  readonly layout?: Layout;
  /** Whether the graph takes pixels of 0 to 255 and normalises them as the description says. @default false */
  readonly normalize?: boolean;
  /** Whether batch norms become part of the convolutions before them. @default true */
  readonly foldBatchNorm?: boolean;
}

const opset = 17n;
const irVersion = 8n; // the first that goes with opset 17

// Field numbers of onnx.proto for what is framed by hand, so that no tensor has to be in memory twice.
const modelGraph = 7;
const graphInitializer = 5;
const tensorRawData = 9;

const elementBytes: Record<Initializer['type'], number> = { float32: 4, int64: 8 };

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
 * A model as an ONNX file (opset 17): `image` float32 [N,H,W,3] with free batch, height and width unless `shapes` fixes
 * them, outputs by our names, NHWC where the rank is 4 unless told otherwise, batch norms folded unless told otherwise.
 * The size is known before the first weight is read, and one weight is in memory at a time.
 * @throws AtrousError `input` or `shape` where the options do not fit the network
 */
export function encodeOnnx(model: Model, options: EncodeOptions = {}): EncodedFile {
  const { description = {}, layout = 'NHWC', normalize = false, shapes } = options;
  const selected = selectOutputs(model.graph, options.outputs);
  const graph = shapes ? fixShapes(selected, shapes) : selected;
  if (normalize && !description.preprocess)
    throw new AtrousError('input', 'normalize: the description has no range, mean and std to normalise with');
  const sized = { graph, weights: model.weights };
  const { emitter, inputs, outputs } = lowerGraph(
    options.foldBatchNorm === false ? sized : foldBatchNorm(sized),
    { layout, ...(normalize && { normalize: description.preprocess }) },
  );
  const exported: ExportedInput = { layout, size: sizeOfImage(shapes), isNormalized: normalize };
  const name = description.name ?? 'atrous';
  const inputDoc = describeInput(description, exported);
  const graphHead = toBinary(
    GraphProtoSchema,
    create(GraphProtoSchema, {
      name,
      docString: `image: ${inputDoc}`,
      node: emitter.nodes,
      input: Object.entries(inputs).map(([key, port]) =>
        valueInfo(key, port, { layout, isInput: true, doc: inputDoc }),
      ),
      output: Object.entries(outputs).map(([key, port]) =>
        valueInfo(key, port, { layout, isInput: false, doc: describeOutput(key, description) }),
      ),
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
      producerVersion: description.version ?? '',
      modelVersion: 1n,
      docString: `${name}, a network written by Atrous; metadata_props say how to feed it`,
      metadataProps: Object.entries(metadataOf(description, exported)).map(([key, value]) => ({
        key,
        value,
      })),
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

/** Height and width of the one picture that a network takes, where they are fixed. */
function sizeOfImage(shapes: EncodeOptions['shapes']): ExportedInput['size'] {
  if (!shapes?.image) return undefined;
  const [, height, width] = shapes.image;
  return { height, width };
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
