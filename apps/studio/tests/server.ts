import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

export interface StaticHost {
  readonly url: string;
  /** Bytes that went out over the sockets, headers and all, since the last call. */
  takeBytes(): number;
  /** Answers no more; what is open is cut. */
  stop(): Promise<void>;
}

const compressed = new Map<string, { readonly plain: Buffer; readonly brotli: Buffer }>();

/** The file as brotli, as a host would have compressed it once. */
function compress(path: string, plain: Buffer): Buffer {
  const known = compressed.get(path);
  if (known?.plain.equals(plain)) return known.brotli;
  const brotli = brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  compressed.set(path, { plain, brotli });
  return brotli;
}

/** Any static host: a folder, brotli for who takes it, no headers of ours. */
export async function serveStatic(
  folder: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StaticHost> {
  const sockets = new Set<Socket>();
  let sent = 0;
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://host').pathname);
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    try {
      const plain = await readFile(file);
      const isBrotli = /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
      const body = isBrotli ? compress(file, plain) : plain;
      response.writeHead(200, {
        'Content-Type': types[extname(file)] ?? 'application/octet-stream',
        'Content-Length': body.length,
        'Cache-Control': path.includes('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
        ...(isBrotli && { 'Content-Encoding': 'br' }),
        ...headers,
      });
      response.end(body);
    } catch {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not here');
    }
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    let counted = 0;
    const count = () => {
      sent += socket.bytesWritten - counted;
      counted = socket.bytesWritten;
    };
    counters.add(count);
    socket.on('close', () => {
      count();
      counters.delete(count);
      sockets.delete(socket);
    });
  });
  const counters = new Set<() => void>();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    takeBytes() {
      for (const count of counters) count();
      const bytes = sent;
      sent = 0;
      return bytes;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
