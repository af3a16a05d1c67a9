import { bind, foldBatchNorm, type Model, selectOutputs } from '@atrous/graph';
import { AtrousError, bytesPerElement, type EncodedFile, sizeOf } from '@atrous/tensor';
import { frameModel, vectorHead } from './flatbuffer.ts';
import { type KernelPrecision, storeWeights } from './kernels.ts';
import { lowerGraph } from './lower.ts';
import type { Table } from './schema.ts';

export interface TfliteOptions {
  /** The one shape of each input, NHWC, e.g. `{ image: [1, 513, 513, 3] }`: a TensorFlow Lite file has no free sizes. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Any named value of the network. @default the network's own outputs */
  readonly outputs?: readonly string[];
  /**
   * How kernels are kept; biases are always float32. `float16` and `int8` (a scale per output channel) become float32 when
   * the file is opened: the arithmetic is that of float32, on rounded kernels. @default 'float32'
   */
  readonly precision?: KernelPrecision;
  /**
   * With `int8`: kernels go into the operators as they are, and what these read is rounded to 8 bits at every run: less exact,
   * faster where 8-bit products are. @default false
   */
  readonly dynamicRange?: boolean;
  /** A sentence about the model, which viewers show. */
  readonly description?: string;
  /** Further texts about the model, by name. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** A TensorFlow Lite file to be written. */
export interface EncodedTflite extends EncodedFile {
  /** Kernels that stay in float32 where `float16` cannot hold them. */
  readonly kept: readonly string[];
}

/** Version of the schema. */
const version = 3;
const signature = 'serving_default';
/** Distances in a flatbuffer, and bytes of a tensor, are whole numbers of 31 bits. */
const mostBytes = 2 ** 31 - 1;

const tensorMap = (tensors: Readonly<Record<string, number>>): Table<'TensorMap'>[] =>
  Object.entries(tensors).map(([name, tensorIndex]) => ({ name, tensorIndex }));

/**
 * A model as a TensorFlow Lite file for one input size: `image` float32 [N,H,W,3] NHWC, normalised as for our own sessions,
 * outputs by our names; batch norms folded. One signature, `serving_default`, names inputs and outputs. The size is known
 * before the file is written, and one weight is in memory at a time; `float16` and `int8` read each kernel twice.
 * @throws AtrousError `input` or `shape` where the options do not fit the network
 */
export async function encodeTflite(model: Model, options: TfliteOptions): Promise<EncodedTflite> {
  const { shapes, precision = 'float32', dynamicRange = false, description, metadata = {} } = options;
  if (dynamicRange && precision !== 'int8') {
    throw new AtrousError(
      'input',
      `dynamicRange: it is about kernels of 8 bits, and precision is "${precision}": set precision to "int8", or leave it out`,
    );
  }
  const folded = foldBatchNorm({
    graph: selectOutputs(model.graph, options.outputs),
    weights: model.weights,
  });
  const graph = bind(folded.graph, shapes);
  for (const [name, { dtype, shape }] of graph.specs) {
    if (sizeOf(shape) * bytesPerElement(dtype) <= mostBytes) continue;
    const given = Object.entries(shapes).map(([input, given]) => `${input} [${given.join(',')}]`);
    throw new AtrousError(
      'shape',
      `at ${given.join(', ')}, value "${name}" is [${shape.join(',')}]: TensorFlow Lite holds values of at most 2 GiB; give a smaller size`,
    );
  }
  const stored = await storeWeights(folded, precision);
  const { emitter, inputs, outputs } = lowerGraph(graph, stored, dynamicRange);
  const texts = Object.entries(metadata).map(([name, text]) => ({
    name,
    buffer: emitter.bytes(new TextEncoder().encode(text)),
  }));
  const { segments, operatorCodes, buffers, tensors, operators } = emitter;
  const { head, starts, size } = frameModel(
    {
      version,
      operatorCodes,
      subgraphs: [
        { tensors, inputs: Object.values(inputs), outputs: Object.values(outputs), operators, name: 'main' },
      ],
      ...(description !== undefined && { description }),
      buffers,
      metadata: texts,
      signatureDefs: [
        {
          inputs: tensorMap(inputs),
          outputs: tensorMap(outputs),
          signatureKey: signature,
          subgraphIndex: 0,
        },
      ],
    },
    segments.map(({ length }) => length),
  );
  if (size > mostBytes) {
    throw new AtrousError(
      'unsupported',
      `the file would have ${size} bytes, and TensorFlow Lite reads at most 2 GiB: write float16 or int8`,
    );
  }
  return {
    size,
    kept: stored.kept,
    pieces: (async function* () {
      yield head;
      let written = head.byteLength;
      for (const [i, { length, read }] of segments.entries()) {
        yield vectorHead(written, starts[i], length);
        const { buffer, byteOffset, byteLength } = await read();
        yield new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
        written = starts[i] + length;
      }
    })(),
  };
}

/** A model as one TensorFlow Lite file in memory. */
export async function toTflite(model: Model, options: TfliteOptions): Promise<Uint8Array> {
  const { size, pieces } = await encodeTflite(model, options);
  const bytes = new Uint8Array(size);
  let offset = 0;
  for await (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}
