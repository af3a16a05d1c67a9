import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { decodeLabelPng } from '@atrous/mask';
import { afterEach, expect, test } from 'vitest';
import { bomb, png } from './test_server.ts';

interface Line {
  readonly reqId: string;
  readonly status?: number;
  readonly msg: string;
}
interface Running {
  readonly child: ChildProcess;
  readonly origin: string;
  /** What it has logged until now. */
  readonly log: () => Line[];
}

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

async function start(): Promise<Running> {
  const script = fileURLToPath(new URL('./test_process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=@atrous/source', script], {
    // What is looked for is a leak, not the arenas of glibc, one per thread and never given back.
    env: { ...process.env, NODE_OPTIONS: '', MALLOC_ARENA_MAX: '2' },
  });
  started.push(child);
  let text = '';
  child.stderr!.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  const [origin] = await once(child.stdout!.setEncoding('utf8'), 'data');
  const log = () =>
    text
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  return { child, origin: origin.trim(), log };
}

type Outcome = { readonly status: number; readonly bytes: Uint8Array } | { readonly error: string };

async function send(
  origin: string,
  {
    query = '',
    body = png(),
    type = 'image/png',
    id = '',
  }: Partial<Record<'query' | 'type' | 'id', string>> & {
    body?: Uint8Array<ArrayBuffer>;
  } = {},
): Promise<Outcome> {
  try {
    const headers = { 'content-type': type, ...(id && { 'x-request-id': id }) };
    const response = await fetch(`${origin}/segment${query}`, { method: 'POST', body, headers });
    return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
  } catch (error) {
    return { error: String((error as Error).cause ?? error) };
  }
}

/** Some of a request, and then nothing more. */
function sendPart(origin: string, text: string): Promise<Outcome> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.setEncoding('latin1').on('data', (piece) => {
      answer += piece;
    });
    socket.on('error', (error) => resolve({ error: String(error) }));
    socket.on('close', () => resolve({ status: Number(answer.slice(9, 12)), bytes: Buffer.from(answer) }));
  });
}

const head = 'POST /segment HTTP/1.1\r\nhost: x\r\ncontent-type: image/png\r\ncontent-length: 5000\r\n\r\n';
const hostile: Readonly<Record<string, (origin: string) => Promise<Outcome>>> = {
  'a body that never ends': (origin) => sendPart(origin, `${head}\x89PNG`),
  'no HTTP': (origin) => sendPart(origin, '\x16\x03\x01 hello\r\n\r\n'),
  'a truncated picture': (origin) => send(origin, { body: png().subarray(0, 2000) }),
  'a bomb': (origin) => send(origin, { body: bomb(2 ** 31 - 1, 2 ** 31 - 1) }),
  'a type that is none': (origin) => send(origin, { type: 'text/html' }),
  'no body': (origin) => send(origin, { body: new Uint8Array() }),
  'too many bytes': (origin) => send(origin, { body: new Uint8Array(3_000_000) }),
  'a path': (origin) => send(origin, { query: '?file=../../../../etc/passwd' }),
  'an option that is none': (origin) => send(origin, { query: '?runtime=x' }),
  'no numbers': (origin) => send(origin, { query: '?scales=NaN,1' }),
};

/** Does things `count` times, `atOnce` of them at once. */
async function times<T>(count: number, atOnce: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const one = async () => {
    while (next < count) {
      const index = next++;
      results[index] = await work(index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return results;
}

const memory = async (origin: string): Promise<number> => {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)![1]);
};

test('1,000 requests, 50 at once, one of 100 hostile: none is lost, each gets what it deserves', async ({
  annotate,
}) => {
  const { child, origin, log } = await start();
  await times(100, 50, () => send(origin)); // what is made once is made
  const before = await memory(origin);
  const kinds = Object.keys(hostile);
  const outcomes = await times(1000, 50, (i) =>
    i % 100 === 0 ? hostile[kinds[i / 100]](origin) : send(origin, { body: png(64 + (i % 7), 48) }),
  );
  const after = await memory(origin);
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  await annotate(
    `resident memory: ${megabytes(before)} MB after 100 requests, ${megabytes(after)} MB after 1,100`,
  );
  expect(megabytes(after - before)).toBeLessThan(100);

  for (const [i, outcome] of outcomes.entries()) {
    if (i % 100 === 0) {
      const status = 'status' in outcome ? outcome.status : outcome.error;
      expect([kinds[i / 100], status]).toEqual([
        kinds[i / 100],
        expect.toSatisfy((s) => s >= 400 && s < 500),
      ]);
      continue;
    }
    expect(outcome).toMatchObject({ status: 200 });
    const { bytes } = outcome as { bytes: Uint8Array };
    expect(decodeLabelPng(bytes, 'mask').width).toBe(64 + (i % 7));
  }
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(log().filter(({ status }) => status === 200).length).toBe(1090);
});

test('a stop in the middle of load loses nothing that was taken', async () => {
  const { child, origin, log } = await start();
  const exited = once(child, 'exit');
  let answered = 0;
  const outcomes = await times(300, 50, async (i) => {
    const outcome = await send(origin, { id: `r${i}` });
    if (++answered === 60) child.kill('SIGTERM');
    return outcome;
  });
  expect(await exited).toEqual([0, null]);
  const lines = log().filter(({ msg }) => msg === 'answered');
  const idsOf = (status: number) => lines.filter((line) => line.status === status).map(({ reqId }) => reqId);
  const got = (status: number) =>
    outcomes.flatMap((outcome, i) => ('status' in outcome && outcome.status === status ? `r${i}` : []));
  // every request that the server took was answered whole, and no other was
  expect(got(200).sort()).toEqual(idsOf(200).sort());
  expect(got(503).sort()).toEqual(idsOf(503).sort());
  expect(lines.filter(({ status }) => status !== 200 && status !== 503)).toEqual([]);
  expect(got(200).length).toBeGreaterThanOrEqual(60);
  expect(got(200).length).toBeLessThan(300);
});
