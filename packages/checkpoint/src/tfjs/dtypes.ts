import { type FileDType, fileDTypes } from '../dtypes.ts';

/** How a weight was made smaller: a float in 16 bits, or a whole number from 0, of which the value is `number · scale + min`. */
export type Quantization =
  | { readonly dtype: 'float16' }
  | { readonly dtype: 'uint8' | 'uint16'; readonly scale: number; readonly min: number };

const plain: Readonly<Record<string, FileDType>> = {
  float32: fileDTypes.F32,
  float16: fileDTypes.F16,
  int32: fileDTypes.I32,
  bool: fileDTypes.BOOL,
};

/** Sizes of elements of what cannot be read, in bytes. */
export const unreadableSizes: Readonly<Record<string, number>> = { complex64: 8 };

/** How a weight is read; undefined for what cannot be. Quantised ones become what they were. */
export function tfjsDType(dtype: string, quantization: Quantization | undefined): FileDType | undefined {
  if (!quantization) return Object.hasOwn(plain, dtype) ? plain[dtype] : undefined;
  if (dtype !== 'float32' && dtype !== 'int32') return undefined;
  if (quantization.dtype === 'float16') return dtype === 'float32' ? fileDTypes.F16 : undefined;
  return dequantized(dtype, quantization);
}

function dequantized(
  becomes: 'float32' | 'int32',
  { dtype, scale, min }: Extract<Quantization, { scale: number }>,
): FileDType {
  const bits = dtype === 'uint8' ? 8 : 16;
  return {
    bits,
    becomes,
    decode(bytes, count) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const data = becomes === 'float32' ? new Float32Array(count) : new Int32Array(count);
      for (let i = 0; i < count; i++) {
        const value = (bits === 8 ? view.getUint8(i) : view.getUint16(2 * i, true)) * scale + min;
        data[i] = becomes === 'float32' ? value : Math.round(value);
      }
      return data;
    },
  };
}
