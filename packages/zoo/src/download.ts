import { AtrousError, messageOf } from '@atrous/tensor';
import type { OpenOptions } from './model_folder.ts';
import { wait } from './wait.ts';

export interface DownloadOptions extends OpenOptions {
  readonly fetch: typeof fetch;
  /** Milliseconds that may pass without a byte. */
  readonly stallTimeout: number;
}

/** The most bytes of a file whose size is not known beforehand: 4 GiB. */
const largestFile = 2 ** 32;

/**
 * A file over HTTP. Nothing of it is held in JavaScript's memory but one page, and what is longer than expected is
 * refused at its limit: before the first byte where the server announces it.
 * @throws AtrousError `not-found` where there is no answer to use; `integrity` where the body breaks off, cannot be
 * decoded or has another length than expected; `format` where it is larger than its limit. All of them name the URL.
 */
export async function download(url: string, options: DownloadOptions): Promise<Blob> {
  const connection = new AbortController();
  try {
    options.signal?.throwIfAborted();
    return await readBody(url, await request(url, connection.signal, options), options);
  } catch (error) {
    connection.abort();
    options.signal?.throwIfAborted();
    throw error;
  }
}

async function request(
  url: string,
  connection: AbortSignal,
  { fetch: get, signal, stallTimeout: timeout }: DownloadOptions,
): Promise<Response> {
  let response: Response;
  try {
    response = await wait(get(url, { signal: connection }), { signal, timeout });
  } catch (cause) {
    throw new AtrousError('not-found', `${url}: cannot be fetched: ${reasonOf(cause)}`, { cause });
  }
  if (response.type === 'opaque') {
    throw new AtrousError(
      'not-found',
      `${url}: the answer may not be read (mode no-cors): the server has to allow CORS`,
    );
  }
  // 206 is a part that nobody asked for, 204 has no body
  if (response.status !== 200) {
    throw new AtrousError(
      'not-found',
      `${url}: the server answers ${response.status} ${response.statusText}${sentBy(url, response)}, expected 200`,
    );
  }
  return response;
}

async function readBody(
  url: string,
  response: Response,
  { expected, limit = largestFile, onProgress, signal, stallTimeout: timeout }: DownloadOptions,
): Promise<Blob> {
  const most = expected?.bytes ?? limit;
  const length = contentLength(response);
  // other origins may hide that a body is compressed: what is announced is only good for showing then
  const announced = response.type === 'cors' ? undefined : length;
  const from = sentBy(url, response);
  const tooLong = () =>
    expected
      ? new AtrousError('integrity', `${url}: expected ${most} bytes, the server sends more${from}`)
      : new AtrousError('format', `${url}: more than ${most} bytes, the most that is read of it${from}`);
  if (announced !== undefined && announced > most) throw tooLong();
  const pages = gather();
  let loaded = 0;
  const broken = (why: string, cause?: unknown) => {
    const bytes = announced === undefined ? `${loaded}` : `${loaded} of ${announced}`;
    const message = `${url}: the download broke off after ${bytes} bytes: ${why}; try again`;
    return new AtrousError('integrity', message, { cause });
  };
  const fail = (cause: unknown): never => {
    throw broken(reasonOf(cause), cause);
  };
  for await (const chunk of chunksOf(response, (read) => wait(read, { signal, timeout }).catch(fail))) {
    loaded += chunk.byteLength;
    if (loaded > most) throw tooLong();
    pages.add(chunk);
    const total = expected?.bytes ?? (loaded > (length ?? 0) ? undefined : length);
    onProgress?.({ phase: 'download', file: url, loaded, total });
  }
  if (announced !== undefined && loaded < announced) throw broken('the connection ended');
  if (expected && loaded !== most) {
    throw new AtrousError('integrity', `${url}: expected ${most} bytes, the server sent ${loaded}${from}`);
  }
  return pages.blob();
}

/** The body's chunks, each waited for as `waiting` does it. Who stops early ends the body. */
async function* chunksOf(
  { body }: Response,
  waiting: <T>(read: Promise<T>) => Promise<T>,
): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { value } = await waiting(reader.read());
      if (!value) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {}); // it is over or broken already, or ends here
  }
}

/** How many bytes are announced. Of a compressed body the header has the compressed length, which is of no use. */
function contentLength({ headers }: Response): number | undefined {
  const length = headers.get('content-length') ?? '';
  const encoding = headers.get('content-encoding') ?? 'identity';
  return encoding === 'identity' && /^\d+$/.test(length) ? Number(length) : undefined;
}

/** What helps to see that a page for people came instead of a file. */
function sentBy(url: string, { headers, redirected, url: last }: Response): string {
  const facts = [
    headers.get('content-type')?.startsWith('text/html') && 'an HTML page',
    redirected && last !== url && `redirected to ${last}`,
  ].filter(Boolean);
  return facts.length > 0 ? ` (${facts.join(', ')})` : '';
}

/** The error's message with that of its cause: fetch says "terminated" and puts into the cause what happened. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  return cause ? `${messageOf(error)} (${cause})` : messageOf(error);
}

/** Takes chunks of any size into a Blob, a page at a time: a server that sends single bytes costs no more memory. */
function gather(pageSize = 1 << 20) {
  const full: Blob[] = [];
  const page = new Uint8Array(pageSize);
  let used = 0;
  return {
    add(chunk: Uint8Array): void {
      for (let offset = 0; offset < chunk.byteLength; ) {
        const piece = chunk.subarray(offset, offset + pageSize - used);
        page.set(piece, used);
        offset += piece.byteLength;
        used += piece.byteLength;
        if (used < pageSize) continue;
        full.push(new Blob([page])); // Blobs copy
        used = 0;
      }
    },
    blob: () => new Blob([...full, page.subarray(0, used)]),
  };
}
