export * from './generated/onnx_pb.ts';
