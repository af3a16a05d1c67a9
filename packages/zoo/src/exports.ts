export {
  type Architecture,
  buildNetwork,
  classesOf,
  type FoundNetwork,
  findNetwork,
  type Head,
  type NetworkOptions,
  namedArchitecture,
  network,
  networkName,
  networkNames,
  outputStrideOf,
  parseNetworkName,
} from './architecture.ts';
export type { ModelCache } from './cache.ts';
export {
  type InputSize,
  type Int8Loss,
  type ModelConfig,
  type ParsedConfig,
  type PlatformName,
  type Precision,
  type Preprocess,
  parseConfig,
  type WeightsFile,
} from './config.ts';
export { describeModel, leftOver, type ModelDescription } from './describe.ts';
export { families, loadFamilies, loadFamily } from './families.ts';
export {
  blobFiles,
  type UrlOptions,
  urlFiles,
} from './files.ts';
export { isImagenetCount, type LabelSet, labelSetName, labelSets, labelsFor } from './labels/sets.ts';
export {
  type LoadCheckpointOptions,
  type LoadedModel,
  loadCheckpoint,
  modelFromWeights,
} from './load.ts';
export { type LoadFolderOptions, loadModelFiles } from './load_files.ts';
export type { KeptFiles, ModelFile, ModelFolder, OpenOptions } from './model_folder.ts';
export type { Progress } from './progress.ts';
export type { OtherReading } from './readings.ts';
export { architectureMetadata, type FileSink, type SaveOptions, saveModel } from './save.ts';
export { sourceNamed, sources } from './sources/index.ts';
export { type PixelsName, type PixelValues, pixels } from './sources/pixels.ts';
export type { CheckpointSource, EncoderSource, HeadSource } from './sources/source.ts';
