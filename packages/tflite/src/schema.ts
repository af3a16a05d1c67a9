/**
 * The tables of TensorFlow Lite's flatbuffer schema (version 3) that are written, as data: each field with its slot in the
 * table and its kind. `T[]` is a vector, a table's name a nested table. `options` is a union whose type stands in the slot
 * before; `data` is a vector of bytes that follows the head of the file.
 */
export const tables = {
  Model: {
    version: [0, 'int32'],
    operatorCodes: [1, 'OperatorCode[]'],
    subgraphs: [2, 'SubGraph[]'],
    description: [3, 'string'],
    buffers: [4, 'Buffer[]'],
    metadata: [6, 'Metadata[]'],
    signatureDefs: [7, 'SignatureDef[]'],
  },
  OperatorCode: { deprecatedBuiltinCode: [0, 'int8'], version: [2, 'int32'], builtinCode: [3, 'int32'] },
  SubGraph: {
    tensors: [0, 'Tensor[]'],
    inputs: [1, 'int32[]'],
    outputs: [2, 'int32[]'],
    operators: [3, 'Operator[]'],
    name: [4, 'string'],
  },
  Tensor: {
    shape: [0, 'int32[]'],
    type: [1, 'int8'],
    buffer: [2, 'int32'],
    name: [3, 'string'],
    quantization: [4, 'QuantizationParameters'],
    hasRank: [8, 'bool'],
  },
  QuantizationParameters: {
    scale: [2, 'float32[]'],
    zeroPoint: [3, 'int64[]'],
    quantizedDimension: [6, 'int32'],
  },
  Operator: {
    opcodeIndex: [0, 'int32'],
    inputs: [1, 'int32[]'],
    outputs: [2, 'int32[]'],
    builtinOptions: [4, 'options'],
  },
  Buffer: { data: [0, 'data'] },
  Metadata: { name: [0, 'string'], buffer: [1, 'int32'] },
  TensorMap: { name: [0, 'string'], tensorIndex: [1, 'int32'] },
  SignatureDef: {
    inputs: [0, 'TensorMap[]'],
    outputs: [1, 'TensorMap[]'],
    signatureKey: [2, 'string'],
    subgraphIndex: [4, 'int32'],
  },
  Conv2DOptions: {
    padding: [0, 'int8'],
    strideW: [1, 'int32'],
    strideH: [2, 'int32'],
    fusedActivationFunction: [3, 'int8'],
    dilationWFactor: [4, 'int32'],
    dilationHFactor: [5, 'int32'],
  },
  DepthwiseConv2DOptions: {
    padding: [0, 'int8'],
    strideW: [1, 'int32'],
    strideH: [2, 'int32'],
    depthMultiplier: [3, 'int32'],
    fusedActivationFunction: [4, 'int8'],
    dilationWFactor: [5, 'int32'],
    dilationHFactor: [6, 'int32'],
  },
  Pool2DOptions: {
    padding: [0, 'int8'],
    strideW: [1, 'int32'],
    strideH: [2, 'int32'],
    filterWidth: [3, 'int32'],
    filterHeight: [4, 'int32'],
  },
  FullyConnectedOptions: { fusedActivationFunction: [0, 'int8'], asymmetricQuantizeInputs: [3, 'bool'] },
  SoftmaxOptions: { beta: [0, 'float32'] },
  ConcatenationOptions: { axis: [0, 'int32'] },
  AddOptions: { fusedActivationFunction: [0, 'int8'] },
  MulOptions: { fusedActivationFunction: [0, 'int8'] },
  ResizeBilinearOptions: { alignCorners: [2, 'bool'], halfPixelCenters: [3, 'bool'] },
  ReducerOptions: { keepDims: [0, 'bool'] },
  ReshapeOptions: { newShape: [0, 'int32[]'] },
  ArgMaxOptions: { outputType: [0, 'int8'] },
  CastOptions: { inDataType: [0, 'int8'], outDataType: [1, 'int8'] },
  PadOptions: {},
  PadV2Options: {},
  DequantizeOptions: {},
  HardSwishOptions: {},
  TransposeOptions: {},
} as const;

/** The number of each table in the union `BuiltinOptions`. */
export const optionNumbers = {
  Conv2DOptions: 1,
  DepthwiseConv2DOptions: 2,
  Pool2DOptions: 5,
  FullyConnectedOptions: 8,
  SoftmaxOptions: 9,
  ConcatenationOptions: 10,
  AddOptions: 11,
  ResizeBilinearOptions: 15,
  ReshapeOptions: 17,
  MulOptions: 21,
  PadOptions: 22,
  TransposeOptions: 26,
  ReducerOptions: 27,
  CastOptions: 37,
  DequantizeOptions: 38,
  ArgMaxOptions: 40,
  PadV2Options: 43,
  HardSwishOptions: 91,
} as const;

/** TensorFlow Lite's operators that are written: their numbers, and the table of their options, where they have one. */
export const operators = {
  ADD: [0, 'AddOptions'],
  AVERAGE_POOL_2D: [1, 'Pool2DOptions'],
  CONCATENATION: [2, 'ConcatenationOptions'],
  CONV_2D: [3, 'Conv2DOptions'],
  DEPTHWISE_CONV_2D: [4, 'DepthwiseConv2DOptions'],
  DEQUANTIZE: [6, 'DequantizeOptions'],
  FULLY_CONNECTED: [9, 'FullyConnectedOptions'],
  MAX_POOL_2D: [17, 'Pool2DOptions'],
  MUL: [18, 'MulOptions'],
  RELU: [19, null],
  RELU6: [21, null],
  RESHAPE: [22, 'ReshapeOptions'],
  RESIZE_BILINEAR: [23, 'ResizeBilinearOptions'],
  SOFTMAX: [25, 'SoftmaxOptions'],
  PAD: [34, 'PadOptions'],
  TRANSPOSE: [39, 'TransposeOptions'],
  MEAN: [40, 'ReducerOptions'],
  CAST: [53, 'CastOptions'],
  ARG_MAX: [56, 'ArgMaxOptions'],
  PADV2: [60, 'PadV2Options'],
  ELU: [111, null],
  HARD_SWISH: [117, 'HardSwishOptions'],
} as const;

/** The numbers of `TensorType`. */
export const tensorTypes = { float32: 0, float16: 1, int32: 2, uint8: 3, int8: 9 } as const;

/** The numbers of `Padding`: as many pixels as keep the size over the stride, the odd one at the end; or none. */
export const paddings = { same: 0, valid: 1 } as const;

/** The numbers of `ActivationFunctionType`. */
export const fusedActivations = { none: 0, relu: 1, relu6: 3 } as const;

type Tables = typeof tables;
export type TableName = keyof Tables;
export type OptionsName = keyof typeof optionNumbers;
export type OperatorName = keyof typeof operators;
export type TensorType = keyof typeof tensorTypes;

/** A member of the union of options. */
export type Options = { [N in OptionsName]: readonly [name: N, fields: Table<N>] }[OptionsName];

/** The options of an operator; `null` where it has none. */
export type OptionsOf<K extends OperatorName> = (typeof operators)[K][1] extends infer N extends OptionsName
  ? Table<N>
  : null;

type ValueOf<Kind> = Kind extends 'bool'
  ? boolean
  : Kind extends 'int8' | 'int32' | 'float32' | 'data'
    ? number
    : Kind extends 'int32[]' | 'int64[]' | 'float32[]'
      ? ArrayLike<number>
      : Kind extends 'string'
        ? string
        : Kind extends 'options'
          ? Options
          : Kind extends TableName
            ? Table<Kind>
            : Kind extends `${infer N extends TableName}[]`
              ? readonly Table<N>[]
              : never;

/** What a table holds; a field that is left out has the schema's default. */
export type Table<N extends TableName> = {
  readonly [F in keyof Tables[N]]?: Tables[N][F] extends readonly [number, infer Kind]
    ? ValueOf<Kind>
    : never;
};
