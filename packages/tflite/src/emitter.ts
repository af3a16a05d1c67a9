import { sizeOf } from '@atrous/tensor';
import {
  type OperatorName,
  type Options,
  type OptionsOf,
  operators,
  type Table,
  type TensorType,
  tensorTypes,
} from './schema.ts';

/** Bytes of the file that are made when they are written. */
export interface Segment {
  readonly length: number;
  read(): Promise<ArrayBufferView>;
}

/** What a tensor of 8-bit numbers stands for: number · scale of its place along an axis. */
export interface Scales {
  readonly axis: number;
  readonly values: Float32Array;
}

/** What an operator makes. */
export interface Made {
  readonly name: string;
  readonly shape: readonly number[];
  /** @default 'float32' */
  readonly type?: TensorType;
}

/** Collects the tensors and operators of a TensorFlow Lite graph. Tensors go by their number. */
export interface Emitter {
  readonly tensors: readonly Table<'Tensor'>[];
  readonly operators: readonly Table<'Operator'>[];
  readonly operatorCodes: readonly Table<'OperatorCode'>[];
  readonly buffers: readonly Table<'Buffer'>[];
  readonly segments: readonly Segment[];
  /** Adds an operator and the tensor that it makes. @param version of the operator, as the schema counts. @default 1 */
  operator<K extends OperatorName>(
    kind: K,
    options: OptionsOf<K>,
    inputs: readonly number[],
    made: Made,
    version?: number,
  ): number;
  /** Adds a tensor that is given. */
  input(made: Made): number;
  /** Adds numbers that are read when they are written. */
  weight(made: Made, read: () => Promise<ArrayBufferView>, scales?: Scales): number;
  /** A constant, shared between all that need the same. @default a list */
  int32(values: readonly number[], shape?: readonly number[]): number;
  floats(values: ArrayLike<number>, shape?: readonly number[]): number;
  /** Bytes that no tensor has; returns the number of their buffer. */
  bytes(data: Uint8Array): number;
  /** Gives a tensor another name. */
  rename(tensor: number, name: string): void;
}

const elementBytes: Readonly<Record<TensorType, number>> = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint8: 1,
  int8: 1,
};

export function createEmitter(): Emitter {
  const tensors: Table<'Tensor'>[] = [];
  const added: Table<'Operator'>[] = [];
  const operatorCodes: Table<'OperatorCode'>[] = [];
  const buffers: Table<'Buffer'>[] = [{}]; // by convention, the first is what tensors without numbers have
  const segments: Segment[] = [];
  const constants = new Map<string, number>();
  const codes = new Map<string, number>();

  const tensor = ({ name, shape, type = 'float32' }: Made, more: Table<'Tensor'> = {}): number =>
    tensors.push({ shape, type: tensorTypes[type], buffer: 0, name, hasRank: true, ...more }) - 1;
  const buffer = (segment: Segment): number => buffers.push({ data: segments.push(segment) - 1 }) - 1;
  const weight: Emitter['weight'] = (made, read, scales) =>
    tensor(made, {
      buffer: buffer({ length: sizeOf(made.shape) * elementBytes[made.type ?? 'float32'], read }),
      ...(scales && {
        quantization: {
          scale: scales.values,
          zeroPoint: new Uint8Array(scales.values.length),
          quantizedDimension: scales.axis,
        },
      }),
    });
  const constant = (
    type: 'int32' | 'float32',
    shape: readonly number[],
    data: Int32Array | Float32Array,
  ): number => {
    const key = `${type}[${shape.join(',')}]:${data.join(',')}`;
    const known = constants.get(key);
    if (known !== undefined) return known;
    const made = weight({ name: `constant${constants.size}`, shape, type }, async () => data);
    constants.set(key, made);
    return made;
  };
  const code = (kind: OperatorName, version: number): number => {
    const key = `${kind}:${version}`;
    const [number] = operators[kind];
    // Readers of before 2020 know numbers up to 127 alone, in 8 bits.
    const field = { deprecatedBuiltinCode: Math.min(number, 127), builtinCode: number, version };
    const index = codes.get(key) ?? operatorCodes.push(field) - 1;
    codes.set(key, index);
    return index;
  };
  return {
    tensors,
    operators: added,
    operatorCodes,
    buffers,
    segments,
    operator(kind, options, inputs, made, version = 1) {
      const output = tensor(made);
      const [, name] = operators[kind];
      added.push({
        opcodeIndex: code(kind, version),
        inputs,
        outputs: [output],
        ...(name && { builtinOptions: [name, options] as Options }),
      });
      return output;
    },
    input: (made) => tensor(made),
    weight,
    int32: (values, shape = [values.length]) => constant('int32', shape, Int32Array.from(values)),
    floats: (values, shape = [values.length]) => constant('float32', shape, Float32Array.from(values)),
    bytes: (data) => buffer({ length: data.byteLength, read: async () => data }),
    rename(index, name) {
      tensors[index] = { ...tensors[index], name };
    },
  };
}
