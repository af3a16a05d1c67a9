import { type FileDType, fileDTypes } from '../dtypes.ts';

/** A dtype of TensorFlow. */
export interface TensorFlowDType {
  /** e.g. `DT_FLOAT` */
  readonly name: string;
  /** How it is read; absent for what cannot be read as a weight. */
  readonly kind?: FileDType;
}

/** TensorFlow's numbers, and what safetensors calls the same: one table says what each becomes. */
const dtypes: ReadonlyMap<number, readonly [name: string, code?: string]> = new Map([
  [1, ['FLOAT', 'F32']],
  [2, ['DOUBLE', 'F64']],
  [3, ['INT32', 'I32']],
  [4, ['UINT8', 'U8']],
  [5, ['INT16', 'I16']],
  [6, ['INT8', 'I8']],
  [7, ['STRING']],
  [8, ['COMPLEX64']],
  [9, ['INT64', 'I64']],
  [10, ['BOOL', 'BOOL']],
  [11, ['QINT8']],
  [12, ['QUINT8']],
  [13, ['QINT32']],
  [14, ['BFLOAT16', 'BF16']],
  [15, ['QINT16']],
  [16, ['QUINT16']],
  [17, ['UINT16', 'U16']],
  [18, ['COMPLEX128']],
  [19, ['HALF', 'F16']],
  [20, ['RESOURCE']],
  [21, ['VARIANT']],
  [22, ['UINT32', 'U32']],
  [23, ['UINT64', 'U64']],
  [24, ['FLOAT8_E5M2', 'F8_E5M2']],
  [25, ['FLOAT8_E4M3FN', 'F8_E4M3']],
  [26, ['FLOAT8_E4M3FNUZ', 'F8_E4M3FNUZ']],
  [28, ['FLOAT8_E5M2FNUZ', 'F8_E5M2FNUZ']],
]);

export const stringDType = 7;

/** A dtype by its number. */
export function tensorFlowDType(number: number): TensorFlowDType {
  const [name, code] = dtypes.get(number) ?? [`number ${number}`];
  return { name: `DT_${name}`, kind: code ? fileDTypes[code] : undefined };
}
