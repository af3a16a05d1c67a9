export { type ArchiveEntry, type ArchiveFiles, archiveFiles } from './archive_files.ts';
export { brief, briefList, clip } from './brief.ts';
export { type ByteSource, blobBytes, memoryBytes, piecesOf } from './bytes.ts';
export type { Checkpoint } from './checkpoint.ts';
export { type FileEnds, type Format, formats } from './formats.ts';
export { type JsonRules, parseJson } from './json.ts';
export { filesBeside, mainFile } from './main_file.ts';
export { baseName, fileListFiles, isNameBelow, type ModelFiles, noFiles } from './model_files.ts';
export { formatOf, type OpenCheckpointOptions, openCheckpoint } from './open.ts';
export {
  encodeSafetensors,
  openSafetensors,
  readAll,
  type Safetensors,
  toSafetensors,
} from './safetensors.ts';
