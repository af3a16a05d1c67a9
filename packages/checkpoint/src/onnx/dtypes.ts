import { TensorProto_DataType as DataType, TensorProtoSchema } from '@atrous/onnx-schema';
import { type FileDType, fileDTypes } from '../dtypes.ts';

/** By what safetensors calls them: one table says what each becomes. What is not here cannot be read. */
const readable: ReadonlyMap<number, string> = new Map([
  [DataType.FLOAT, 'F32'],
  [DataType.DOUBLE, 'F64'],
  [DataType.FLOAT16, 'F16'],
  [DataType.BFLOAT16, 'BF16'],
  [DataType.FLOAT8E4M3FN, 'F8_E4M3'],
  [DataType.FLOAT8E4M3FNUZ, 'F8_E4M3FNUZ'],
  [DataType.FLOAT8E5M2, 'F8_E5M2'],
  [DataType.FLOAT8E5M2FNUZ, 'F8_E5M2FNUZ'],
  [DataType.INT64, 'I64'],
  [DataType.INT32, 'I32'],
  [DataType.INT16, 'I16'],
  [DataType.INT8, 'I8'],
  [DataType.UINT64, 'U64'],
  [DataType.UINT32, 'U32'],
  [DataType.UINT16, 'U16'],
  [DataType.UINT8, 'U8'],
  [DataType.BOOL, 'BOOL'],
]);

const names = new Map(Object.entries(DataType).map(([name, number]): [number, string] => [number, name]));

/** A dtype of ONNX by its number. `kind` is absent for what cannot be read as a weight. */
export function onnxDType(number: number): { readonly name: string; readonly kind?: FileDType } {
  const code = readable.get(number);
  return { name: names.get(number) ?? `number ${number}`, kind: code ? fileDTypes[code] : undefined };
}

const { int32Data, int64Data, uint64Data, floatData, doubleData } = TensorProtoSchema.field;
const inInt32Data: readonly number[] = [
  DataType.INT32,
  DataType.INT16,
  DataType.INT8,
  DataType.UINT16,
  DataType.UINT8,
  DataType.BOOL,
  DataType.FLOAT16,
  DataType.BFLOAT16,
  DataType.FLOAT8E4M3FN,
  DataType.FLOAT8E4M3FNUZ,
  DataType.FLOAT8E5M2,
  DataType.FLOAT8E5M2FNUZ,
];

/** The list in which the numbers of a dtype lie where they are not raw, and whether they are varints there. */
export function typedList(
  dtype: number,
): { readonly number: number; readonly isVarint: boolean } | undefined {
  if (dtype === DataType.FLOAT) return { number: floatData.number, isVarint: false };
  if (dtype === DataType.DOUBLE) return { number: doubleData.number, isVarint: false };
  if (dtype === DataType.INT64) return { number: int64Data.number, isVarint: true };
  if (dtype === DataType.UINT32 || dtype === DataType.UINT64)
    return { number: uint64Data.number, isVarint: true };
  return inInt32Data.includes(dtype) ? { number: int32Data.number, isVarint: true } : undefined;
}
