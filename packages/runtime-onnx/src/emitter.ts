import {
  AttributeProto_AttributeType,
  type AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
} from '@atrous/onnx-schema';
import { create, type MessageInitShape } from '@bufbuild/protobuf';

/** An initializer whose numbers are made when they are written. */
export interface Initializer {
  readonly name: string;
  readonly type: 'float32' | 'int64';
  readonly dims: readonly number[];
  read(): Promise<Uint8Array>;
}

export type AttributeValue = number | readonly number[] | string | { readonly float: number };

/** Collects the nodes and initializers of an ONNX graph. */
export interface Emitter {
  readonly nodes: NodeProto[];
  readonly initializers: Initializer[];
  /** Adds a node with one output and returns the output's name. */
  node(
    opType: string,
    inputs: readonly string[],
    output: string,
    attributes?: Readonly<Record<string, AttributeValue>>,
  ): string;
  /** A constant list of int64 numbers, shared between all that need the same. */
  int64(values: readonly number[]): string;
  /** A constant float32 scalar. */
  float(value: number): string;
  /** A constant float32 tensor. */
  floats(dims: readonly number[], values: readonly number[]): string;
}

function attribute(name: string, value: AttributeValue): MessageInitShape<typeof AttributeProtoSchema> {
  const types = AttributeProto_AttributeType;
  if (typeof value === 'string') return { name, type: types.STRING, s: new TextEncoder().encode(value) };
  if (typeof value === 'number') return { name, type: types.INT, i: BigInt(value) };
  if ('float' in value) return { name, type: types.FLOAT, f: value.float };
  return { name, type: types.INTS, ints: value.map(BigInt) };
}

export function createEmitter(): Emitter {
  const nodes: NodeProto[] = [];
  const initializers: Initializer[] = [];
  const constant = (
    name: string,
    type: Initializer['type'],
    dims: readonly number[],
    bytes: () => Uint8Array,
  ) => {
    if (!initializers.some((known) => known.name === name)) {
      initializers.push({ name, type, dims, read: async () => bytes() });
    }
    return name;
  };
  return {
    nodes,
    initializers,
    node(opType, inputs, output, attributes = {}) {
      const list = Object.entries(attributes).map(([name, value]) => attribute(name, value));
      nodes.push(
        create(NodeProtoSchema, {
          name: output,
          opType,
          input: [...inputs],
          output: [output],
          attribute: list,
        }),
      );
      return output;
    },
    int64: (values) =>
      constant(`int64:${values.join(',')}`, 'int64', [values.length], () => {
        return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
      }),
    float: (value) =>
      constant(`float:${value}`, 'float32', [], () => new Uint8Array(Float32Array.of(value).buffer)),
    floats: (dims, values) =>
      constant(`floats[${dims.join(',')}]:${values.join(',')}`, 'float32', dims, () => {
        return new Uint8Array(Float32Array.from(values).buffer);
      }),
  };
}
