export { fileBytes } from './node_bytes.ts';
export { folderFiles, siblingFiles } from './node_files.ts';
export {
  isPartialName,
  makeFolder,
  type PartialFile,
  partialFile,
  removePartialFiles,
  writePieces,
  writeWhole,
} from './write_file.ts';
