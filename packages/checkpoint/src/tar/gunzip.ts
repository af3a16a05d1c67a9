import { AtrousError, messageOf } from '@atrous/tensor';
import { type ByteSource, blobBytes, piecesOf } from '../bytes.ts';

/** What any file may unpack to, in bytes. */
const alwaysAllowed = 1 << 26;
/** What larger files may unpack to, in times of what they take packed: trained weights hardly shrink. */
const largestRatio = 16;
/** Unpacked bytes are handed on in pieces of so many, to where a browser keeps its Blobs. */
const pieceSize = 1 << 24;

/** Unpacks a gzip file. @throws AtrousError `format` for one that is damaged, or unpacks to more than weights do */
export async function gunzip(bytes: ByteSource): Promise<ByteSource> {
  const fail = (why: string, cause?: unknown): never => {
    throw new AtrousError('format', `${bytes.name}: cannot be unpacked: ${why}`, { cause });
  };
  const most = Math.max(alwaysAllowed, bytes.size * largestRatio);
  const unpacked = streamOf(bytes).pipeThrough(new DecompressionStream('gzip')).getReader();
  const pieces: Blob[] = [];
  let chunks: Uint8Array<ArrayBuffer>[] = [];
  let [held, total] = [0, 0];
  const handOn = () => {
    pieces.push(new Blob(chunks));
    [chunks, held] = [[], 0];
  };
  const next = () => unpacked.read().catch((error) => fail(messageOf(error), error));
  for (let chunk = await next(); !chunk.done; chunk = await next()) {
    chunks.push(chunk.value);
    held += chunk.value.byteLength;
    total += chunk.value.byteLength;
    if (total > most) {
      await unpacked.cancel();
      fail(`its ${bytes.size} bytes come to more than ${most}: unpack it first if that is right`);
    }
    if (held >= pieceSize) handOn();
  }
  handOn();
  return blobBytes(new Blob(pieces), bytes.name);
}

function streamOf(bytes: ByteSource): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pieces = piecesOf(bytes);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
  });
}
