import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Browser, patience, tab } from './browser.ts';
import { openScreen } from './screen.ts';

/** How WebDriver names an element in JSON. */
const elementKey = 'element-6066-11e4-a52e-4f735466cecf';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Calls of W3C WebDriver below an address; errors say what the driver says. */
const callsBelow =
  (base: string) =>
  async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(base + path, {
      method,
      signal: AbortSignal.timeout(2 * patience),
      ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
    const { value } = (await response.json()) as { value: T & { message?: string } };
    if (!response.ok) throw new Error(`WebDriver, ${method} ${path}: ${value?.message}`);
    return value;
  };

/** The text of a script that answers with what a call in the page gave, or with how it failed; a policy may forbid `eval`. */
const answering = (call: unknown) => `
  const [args, done] = arguments;
  Promise.resolve().then(() => (${call})(...args)).then(
    (value) => done({ value }),
    (error) => done({ error: error instanceof Error ? error + '\\n' + error.stack : String(error) }),
  );`;

/** WebKitGTK's small browser behind its WebDriver, on a screen of its own. */
export async function launchWebKit(driver: string): Promise<Browser> {
  const home = await mkdtemp(join(tmpdir(), 'atrous-webkit-'));
  const downloads = join(home, 'Downloads');
  await mkdir(downloads);
  await mkdir(join(home, '.config'));
  await writeFile(join(home, '.config/user-dirs.dirs'), 'XDG_DOWNLOAD_DIR="$HOME/Downloads"\n');
  const screen = await openScreen();
  const port = await freePort();
  const server = spawn(driver, [`--port=${port}`], {
    stdio: 'ignore',
    env: {
      ...process.env,
      HOME: home,
      DISPLAY: screen.display,
      XDG_CONFIG_HOME: join(home, '.config'),
      XDG_DATA_HOME: join(home, '.local'),
      XDG_CACHE_HOME: join(home, '.cache'),
      // its sandbox wants namespaces, which containers do not have
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      // WebKitGTK hides it in isolated pages, too, where Safari has it
      JSC_useSharedArrayBuffer: '1',
    },
  });
  const end = async () => {
    server.kill();
    screen.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };

  const root = callsBelow(`http://127.0.0.1:${port}`);
  const start = async () => {
    for (let tries = 0; ; tries++) {
      try {
        await root('GET', '/status');
        break;
      } catch (error) {
        if (tries > 100) throw error;
        await pause(100);
      }
    }
    return root<{ sessionId: string; capabilities: Record<string, string> }>('POST', '/session', {
      capabilities: {
        alwaysMatch: {
          timeouts: { script: patience, pageLoad: patience, implicit: 0 },
        },
      },
    });
  };
  try {
    const { sessionId, capabilities } = await start();
    const call = callsBelow(`http://127.0.0.1:${port}/session/${sessionId}`);
    await call('POST', '/window/rect', { x: 0, y: 0, ...tab });
    return {
      version: capabilities.browserVersion,
      downloads,
      async open(url) {
        await call('POST', '/url', { url });
      },
      async evaluate(run, ...args) {
        const { value, error } = await call<{ value: never; error?: string }>('POST', '/execute/async', {
          script: answering(run),
          args: [args],
        });
        if (error) throw new Error(error);
        return value;
      },
      screenshot: async () => Buffer.from(await call<string>('GET', '/screenshot'), 'base64'),
      async upload(selector, files) {
        const found = await call<Record<string, string>>('POST', '/element', {
          using: 'css selector',
          value: selector,
        });
        await call('POST', `/element/${found[elementKey]}/value`, { text: files.join('\n') });
      },
      async close() {
        await call('DELETE', '').catch(() => {});
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }
}
