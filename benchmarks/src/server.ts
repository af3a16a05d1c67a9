import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Whether a file's name has the hash of what is in it, as bundlers name what they write: browsers keep it between visits. */
const isHashed = (path: string): boolean => /-[\w-]{8}\.(js|wasm)$/.test(path);

/** Serves a folder to this machine alone: isolated, and uncompressed, for compressing would be what is measured. */
export async function serve(folder: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://localhost');
    const path = join(folder, normalize(decodeURIComponent(pathname === '/' ? '/index.html' : pathname)));
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found?.isFile()) return void response.writeHead(404).end();
    response.writeHead(200, {
      'Content-Type': types[extname(path)] ?? 'application/octet-stream',
      'Content-Length': found.size,
      ...(isHashed(path) && { 'Cache-Control': 'public, max-age=31536000, immutable' }),
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    });
    createReadStream(path, { highWaterMark: 1 << 20 }).pipe(response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
