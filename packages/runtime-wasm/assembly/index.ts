export { depthwise } from './depthwise';
export { add, affine, argMax, copy, elu, multiply, softmax, zero } from './elementwise';
export { labelRow, stretchRow } from './labels';
export { matmul } from './matmul';
export { peak } from './peak';
export { resize } from './resize';
export { adaptivePool, gather, globalAverage, pool } from './window';
