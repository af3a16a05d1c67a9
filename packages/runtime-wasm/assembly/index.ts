export { depthwise } from './depthwise';
export { add, affine, argMax, copy, elu, softmax, zero } from './elementwise';
export { labelRow, stretchRow } from './labels';
export { matmul } from './matmul';
export { peak } from './peak';
export { resize } from './resize';
export { gather, globalAverage, pool } from './window';
