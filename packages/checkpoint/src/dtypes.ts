import { AtrousError, type DType, type TypedArray, viewBytes } from '@atrous/tensor';
import { type Minifloat, minifloatTable, unpackBits } from './minifloat.ts';

/** A dtype of the safetensors format: its width, what it becomes, and how. */
export interface FileDType {
  readonly bits: number;
  /** The dtype that it is read as; null where we have none. */
  readonly becomes: DType | null;
  decode(bytes: Uint8Array, count: number): TypedArray;
}

const direct = (dtype: DType, bits: number): FileDType => ({
  bits,
  becomes: dtype,
  // Bytes of their own become the tensor; a view is copied, or it would keep the whole file alive.
  decode: (bytes) => viewBytes(dtype, bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()),
});

/** Reads element by element through a DataView. */
const convert = (
  dtype: 'float32' | 'int32',
  bits: number,
  get: (view: DataView, offset: number) => number,
): FileDType => ({
  bits,
  becomes: dtype,
  decode(bytes, count) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const data = dtype === 'float32' ? new Float32Array(count) : new Int32Array(count);
    for (let i = 0; i < count; i++) data[i] = get(view, (i * bits) / 8);
    return data;
  },
});

const small = (format: Minifloat): FileDType => {
  const bits = 1 + format.exponent + format.mantissa;
  return {
    bits,
    becomes: 'float32',
    decode(bytes, count) {
      const table = minifloatTable(format);
      return Float32Array.from(unpackBits(bytes, bits, count), (pattern) => table[pattern]);
    },
  };
};

const inInt32 = (value: number | bigint): number => {
  if (value > 2147483647 || value < -2147483648) {
    throw new AtrousError('format', `integer ${value} does not fit into int32`);
  }
  return Number(value);
};

const bfloat = new Float32Array(1);
const bfloatBits = new Uint32Array(bfloat.buffer);
const fromBfloat = (bits: number): number => {
  bfloatBits[0] = bits << 16;
  return bfloat[0];
};

/** Every dtype of the safetensors format. Float kinds become float32 (F16 stays half), integers the smallest of ours that holds them. */
export const fileDTypes: Readonly<Record<string, FileDType>> = {
  F64: convert('float32', 64, (view, at) => view.getFloat64(at, true)),
  F32: direct('float32', 32),
  F16: direct('float16', 16),
  BF16: convert('float32', 16, (view, at) => fromBfloat(view.getUint16(at, true))),
  F8_E5M2: small({ exponent: 5, mantissa: 2, bias: 15, special: 'ieee' }),
  F8_E4M3: small({ exponent: 4, mantissa: 3, bias: 7, special: 'fn' }),
  F8_E5M2FNUZ: small({ exponent: 5, mantissa: 2, bias: 16, special: 'fnuz' }),
  F8_E4M3FNUZ: small({ exponent: 4, mantissa: 3, bias: 8, special: 'fnuz' }),
  F8_E8M0: convert('float32', 8, (view, at) =>
    view.getUint8(at) === 255 ? Number.NaN : 2 ** (view.getUint8(at) - 127),
  ),
  F6_E2M3: small({ exponent: 2, mantissa: 3, bias: 1, special: 'finite' }),
  F6_E3M2: small({ exponent: 3, mantissa: 2, bias: 3, special: 'finite' }),
  F4: small({ exponent: 2, mantissa: 1, bias: 1, special: 'finite' }),
  I64: convert('int32', 64, (view, at) => inInt32(view.getBigInt64(at, true))),
  U64: convert('int32', 64, (view, at) => inInt32(view.getBigUint64(at, true))),
  I32: direct('int32', 32),
  U32: convert('int32', 32, (view, at) => inInt32(view.getUint32(at, true))),
  I16: convert('int32', 16, (view, at) => view.getInt16(at, true)),
  U16: convert('int32', 16, (view, at) => view.getUint16(at, true)),
  I8: direct('int8', 8),
  U8: direct('uint8', 8),
  BOOL: direct('uint8', 8),
  C64: {
    bits: 64,
    becomes: null,
    decode: () => {
      throw new AtrousError('unsupported', 'complex numbers (C64) cannot be read as weights');
    },
  },
};

/** How our dtypes are called in a file. */
export const fileNames: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float16: 'F16',
  int8: 'I8',
  uint8: 'U8',
  int32: 'I32',
};
