import { type FileDType, fileDTypes } from '../dtypes.ts';

/** A dtype of PyTorch. */
export interface TorchDType {
  /** e.g. `bfloat16` */
  readonly name: string;
  /** Of an element, in bytes. */
  readonly size: number;
  /** How it is read; absent for what cannot be. */
  readonly kind?: FileDType;
}

/** By what safetensors calls them: one table says what each becomes. */
const readable: Readonly<Record<string, string>> = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  float8_e5m2: 'F8_E5M2',
  float8_e4m3fn: 'F8_E4M3',
  float8_e5m2fnuz: 'F8_E5M2FNUZ',
  float8_e4m3fnuz: 'F8_E4M3FNUZ',
  float8_e8m0fnu: 'F8_E8M0',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint64: 'U64',
  uint32: 'U32',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
};

/** Sizes of those that cannot be read. */
const others: Readonly<Record<string, number>> = {
  complex32: 4,
  complex64: 8,
  complex128: 16,
  qint8: 1,
  quint8: 1,
  qint32: 4,
  quint4x2: 1,
  quint2x4: 1,
};

/** By PyTorch's name without its module. */
export const torchDTypes: ReadonlyMap<string, TorchDType> = new Map([
  ...Object.entries(readable).map(([name, code]): [string, TorchDType] => {
    const kind = fileDTypes[code];
    return [name, { name, size: kind.bits / 8, kind }];
  }),
  ...Object.entries(others).map(([name, size]): [string, TorchDType] => [name, { name, size }]),
]);

/** What typed storages hold, by their class. */
const storageDTypes: Readonly<Record<string, string>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  ComplexFloatStorage: 'complex64',
  ComplexDoubleStorage: 'complex128',
  QInt8Storage: 'qint8',
  QUInt8Storage: 'quint8',
  QInt32Storage: 'qint32',
  QUInt4x2Storage: 'quint4x2',
  QUInt2x4Storage: 'quint2x4',
};

/** The storage classes as pickles name them, of the processor and of a GPU, and what each holds: null for bytes alone. */
export const storageClasses: ReadonlyMap<string, TorchDType | null> = new Map([
  ...Object.entries(storageDTypes).flatMap(([name, dtype]): [string, TorchDType | null][] => {
    const held = torchDTypes.get(dtype) ?? null;
    return ['torch', 'torch.cuda'].map((module) => [`${module}.${name}`, held]);
  }),
  ['torch.UntypedStorage', null],
  ['torch.storage.UntypedStorage', null],
]);
