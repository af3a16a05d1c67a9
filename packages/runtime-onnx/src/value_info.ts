import { TensorProto_DataType, type ValueInfoProto, ValueInfoProtoSchema } from '@atrous/onnx-schema';
import type { DType, Port } from '@atrous/tensor';
import { create } from '@bufbuild/protobuf';
import type { Layout } from './lower.ts';

/** ONNX's number of each dtype. */
export const dataTypes: Record<DType | 'int64', TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  int32: TensorProto_DataType.INT32,
  int64: TensorProto_DataType.INT64,
};

/** Names of free axes by rank; rank 3 is a label map. */
function axisNames(rank: number, layout: Layout): readonly string[] {
  const names: Record<number, readonly string[]> = { 2: ['N', 'C'], 3: ['N', 'H', 'W'], 4: [...layout] };
  return names[rank] ?? Array.from({ length: rank }, (_, axis) => `d${axis}`);
}

/**
 * What an ONNX graph says about an input or output. Free dimensions get names; only the network's inputs may share
 * theirs, since other values have other sizes.
 */
export function valueInfo(
  name: string,
  port: Port,
  { layout, isInput, doc }: { layout: Layout; isInput: boolean; doc: string },
): ValueInfoProto {
  const names = axisNames(port.shape.length, layout);
  const dim = port.shape.map((extent, axis) => {
    if (extent !== null) return { value: { case: 'dimValue' as const, value: BigInt(extent) } };
    const label = isInput || names[axis] === 'N' ? names[axis] : `${name}.${names[axis]}`;
    return { value: { case: 'dimParam' as const, value: label } };
  });
  const tensorType = { elemType: dataTypes[port.dtype], shape: { dim } };
  const type = { value: { case: 'tensorType' as const, value: tensorType } };
  return create(ValueInfoProtoSchema, { name, docString: doc, type });
}
