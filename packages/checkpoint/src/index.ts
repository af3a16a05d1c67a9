export { type ByteSource, blobBytes, memoryBytes, piecesOf, readExactly } from './bytes.ts';
export {
  type Encoded,
  encodeSafetensors,
  gather,
  openSafetensors,
  readAll,
  type Safetensors,
  toSafetensors,
} from './safetensors.ts';
