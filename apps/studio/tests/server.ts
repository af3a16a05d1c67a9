import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
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

/** Answers that are held back. */
export interface Hold {
  /** Resolves when the first is asked for. */
  readonly asked: Promise<void>;
  /** Whether somebody who asked has gone before the end. */
  readonly hasLeft: boolean;
  /** Sends this share of each; all of them with 1, and then of what is asked for later, too. */
  send(share: number): void;
  /** Breaks off what was asked for, and holds nothing back any more. */
  cut(): void;
}

export interface StaticHost {
  readonly url: string;
  /** The paths that were asked for. */
  readonly requests: readonly string[];
  /** Sends nothing but headers for these paths until it is told. */
  hold(paths: RegExp): Hold;
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

function holdBack() {
  const asked = Promise.withResolvers<void>();
  const held: { readonly response: ServerResponse; readonly body: Buffer; sent: number }[] = [];
  let isOver = false;
  let hasLeft = false;
  return {
    asked: asked.promise,
    get hasLeft() {
      return hasLeft;
    },
    send(share: number) {
      isOver = share === 1;
      for (const each of held) {
        const { response, body, sent } = each;
        each.sent = Math.round(share * body.length);
        const part = body.subarray(sent, each.sent);
        if (isOver) response.end(part);
        else response.write(part);
      }
    },
    cut() {
      isOver = true;
      for (const { response } of held) response.destroy();
    },
    answer(response: ServerResponse, body: Buffer): void {
      if (isOver) {
        response.end(body);
        return;
      }
      asked.resolve();
      hasLeft ||= response.closed;
      response.on('close', () => {
        hasLeft ||= !isOver;
      });
      response.flushHeaders();
      held.push({ response, body, sent: 0 });
    },
  };
}

/** Any static host: a folder, brotli for who takes it (weights are sent as they are), no headers of ours. */
export async function serveStatic(
  folder: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StaticHost> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const holds = new Map<RegExp, ReturnType<typeof holdBack>>();
  let sent = 0;
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://host').pathname);
    requests.push(path);
    const held = [...holds].find(([paths]) => paths.test(path))?.[1];
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    try {
      const plain = await readFile(file);
      const type = types[extname(file)];
      // hosts compress no file whose type they do not know, as that of weights
      const isBrotli = type && /\bbr\b/.test(request.headers['accept-encoding'] ?? '');
      const body = isBrotli ? compress(file, plain) : plain;
      response.writeHead(200, {
        'Content-Type': type ?? 'application/octet-stream',
        'Content-Length': body.length,
        'Cache-Control': path.includes('/assets/') ? 'max-age=31536000, immutable' : 'no-cache',
        ...(isBrotli && { 'Content-Encoding': 'br' }),
        ...headers,
      });
      if (held) held.answer(response, body);
      else response.end(body);
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
    requests,
    hold(paths) {
      const held = holdBack();
      holds.set(paths, held);
      return held;
    },
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
