/** A file to be written: its size in bytes, and its bytes piece by piece. */
export interface EncodedFile {
  readonly size: number;
  readonly pieces: AsyncIterable<Uint8Array>;
}
