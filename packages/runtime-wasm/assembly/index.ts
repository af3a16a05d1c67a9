export { depthwise } from './depthwise';
export { add, affine, argMax, copy, elu, multiply, softmax, zero } from './elementwise';
export { labelRow, stretchRow } from './labels';
export { matmul } from './matmul';
export { matmulInt8 } from './matmul_int8';
export { peak } from './peak';
export { quantize } from './quantize';
export { resize } from './resize';
export { adaptivePool, gather, globalAverage, pool } from './window';
