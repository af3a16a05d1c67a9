export { geometries, sizes } from './geometries.ts';
export { type Int8Case, type Int8Layer, int8Cases, int8Layer, int8Layers } from './int8_layers.ts';
export { expectLabelMaps } from './label_maps.ts';
export { expectRandomGraph } from './random_equality.ts';
export { randomGraph } from './random_graph.ts';
export { conformance, jointConformance, type SuiteOptions } from './suite.ts';
export { skipReason, skips, tolerances } from './tolerances.ts';
