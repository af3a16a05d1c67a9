// What runtimes and writers of files need besides, to make a graph their own: `@atrous/graph/lowering`.
export { batchNormAffine } from './fold.ts';
export { type EpilogueActivation, type Fused, fuse, isPointwise, type Joins } from './fuse.ts';
export { countReaders, inputsOf } from './graph.ts';
export { findHomes, type Homes, type Slices } from './homes.ts';
export { scaleName } from './model.ts';
export { dispatch } from './ops/index.ts';
export { boundPadding, reach } from './ops/window.ts';
