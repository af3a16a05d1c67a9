// A static server for checks in a browser: a folder on a port of its own, with headers by path.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
};

/**
 * @param headers `(path)` gives what a response has beside its type
 * @returns the server's origin, the paths that were asked for and not there, and what closes it
 */
export async function serve(folder, headers = () => ({})) {
  const missing = [];
  const server = createServer(({ url }, response) => {
    const path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
    const file = join(folder, normalize(path.endsWith('/') ? `${path}index.html` : path));
    const stats = statSync(file, { throwIfNoEntry: false });
    const given = headers(path);
    if (!stats?.isFile()) {
      missing.push(path);
      response.writeHead(404, given).end();
      return;
    }
    response.writeHead(200, {
      'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      'Content-Length': stats.size,
      ...given,
    });
    createReadStream(file).pipe(response);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    missing,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
