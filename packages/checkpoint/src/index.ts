export { brief, briefList, clip } from './brief.ts';
export { type ByteSource, blobBytes, memoryBytes, piecesOf, readExactly } from './bytes.ts';
export { type FileEnds, type Format, formats } from './formats.ts';
export { type JsonRules, parseJson } from './json.ts';
export { formatOf, openCheckpoint } from './open.ts';
export {
  type Encoded,
  encodeSafetensors,
  gather,
  openSafetensors,
  readAll,
  type Safetensors,
  toSafetensors,
} from './safetensors.ts';
