export { type AdaptedWeights, adaptWeights } from './adapt.ts';
export {
  type Architecture,
  type ArchitectureOptions,
  buildNetwork,
  classesOf,
  type Head,
  network,
  networkName,
  networkNames,
  outputStrideOf,
  parseNetworkName,
} from './architecture.ts';
export {
  type InputSize,
  type Label,
  type ModelConfig,
  type Preprocess,
  parseConfig,
  type WeightsFile,
} from './config.ts';
export {
  blobFiles,
  type ModelCache,
  type ModelFiles,
  type OpenOptions,
  type Progress,
  type UrlOptions,
  urlFiles,
} from './files.ts';
export {
  type LoadCheckpointOptions,
  type LoadedModel,
  type LoadFolderOptions,
  loadCheckpoint,
  loadModelFiles,
  modelFromWeights,
} from './load.ts';
export { type FileSink, saveModel } from './save.ts';
export { findSource, sources } from './sources/index.ts';
export type { CheckpointSource, Rule } from './sources/source.ts';
