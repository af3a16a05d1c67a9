import type { RequestListener, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

export const text = (length: number): string => 'x'.repeat(length);

/** Writes for ever, no faster than the client reads. */
function flood(response: ServerResponse, piece: Uint8Array): void {
  const write = () => {
    while (response.write(piece));
  };
  response.on('drain', write);
  write();
}

/** 8 MB of zeros in 8 kB. Gzip files may follow each other. */
const bomb = gzipSync(new Uint8Array(1 << 23), { level: 9 });

/** What servers do, by path: 1000 letters come well, and everything else goes wrong. */
export const pages: Record<string, RequestListener> = {
  '/good': (_, response) => response.end(text(1000)),
  '/moved': (_, response) => response.writeHead(302, { location: '/good' }).end(),
  '/login': (_, response) => response.writeHead(302, { location: '/page' }).end(),
  '/page': (_, response) =>
    response.setHeader('content-type', 'text/html; charset=utf-8').end('<!doctype html>'),
  '/compressed': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync(text(1000))),
  '/missing': (_, response) => response.writeHead(404).end('no'),
  '/part': (_, response) => response.writeHead(206, { 'content-range': 'bytes 0-9/1000' }).end(text(10)),
  '/empty': (_, response) => response.writeHead(204).end(),
  '/refused': ({ socket }) => socket.destroy(),
  '/silent': () => {},
  '/huge': (_, response) => response.writeHead(200, { 'content-length': 700e6 }).flushHeaders(),
  '/endless': (_, response) => flood(response, new Uint8Array(1 << 16)),
  '/bomb': (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    flood(response, bomb);
  },
  '/not-gzip': (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(text(1000)),
  '/cut': (_, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write(text(400));
    setTimeout(() => response.destroy(), 20);
  },
  '/cut-chunks': (_, response) => {
    response.write(text(400));
    setTimeout(() => response.destroy(), 20);
  },
  '/stalled': (_, response) => response.writeHead(200, { 'content-length': 1000 }).write(text(400)),
  '/slow': (_, response) => {
    let left = 10;
    const timer = setInterval(() => {
      response.write(text(100));
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      response.end();
    }, 60);
  },
};
