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
export type { KeptFiles, ModelCache } from './cache.ts';
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
  type ModelFile,
  type ModelFiles,
  type OpenOptions,
  type UrlOptions,
  urlFiles,
} from './files.ts';
export {
  type LoadCheckpointOptions,
  type LoadedModel,
  loadCheckpoint,
  modelFromWeights,
} from './load.ts';
export { type LoadFolderOptions, loadModelFiles } from './load_files.ts';
export type { Progress } from './progress.ts';
export { type FileSink, type SaveOptions, saveModel } from './save.ts';
export { findSource, sources } from './sources/index.ts';
export type { CheckpointSource, Rule } from './sources/source.ts';
