// npm run -s bench: our engine and its peers in Chromium, interleaved in one page; memory and time to the first answer
// in a fresh browser each. Writes results.json and prints a table.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cost } from '@atrous/graph';
import { buildNetwork } from '@atrous/zoo';
import { type Browser, chromium } from 'playwright';
import { createServer, defaultClientConditions } from 'vite';
import { networks } from './networks.ts';
import type { Measured } from './page.ts';
import { renderReadme } from './table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const quick = process.argv.includes('--quick');
const rounds = quick ? 3 : 5;

const server = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  resolve: { conditions: ['@atrous/source', ...defaultClientConditions] },
  optimizeDeps: {
    exclude: ['onnxruntime-web', '@atrous/runtime-wasm'],
    include: ['@tensorflow/tfjs-backend-wasm', '@tensorflow/tfjs-core'],
  },
  worker: { format: 'es' },
  server: {
    port: 0,
    host: '127.0.0.1',
    hmr: false,
    watch: null,
    fs: { allow: [fileURLToPath(new URL('../..', import.meta.url))] },
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
  },
});
await server.listen();
const url = server.resolvedUrls?.local[0] ?? '';

async function withPage<T>(use: (page: Awaited<ReturnType<Browser['newPage']>>) => Promise<T>): Promise<T> {
  const browser = await chromium.launch({
    executablePath: process.env.ATROUS_CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
  });
  try {
    const page = await browser.newPage();
    page.on('pageerror', (error) => process.stderr.write(`page: ${error.message}\n`));
    page.setDefaultTimeout(600_000);
    await page.goto(url);
    await page.waitForFunction('globalThis.bench !== undefined');
    return await use(page);
  } finally {
    await browser.close();
  }
}

/** The largest peak of the renderers that this process started, in bytes. */
function rendererPeak(): number {
  let peak = 0;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer')) continue;
      const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      peak = Math.max(peak, Number(kilobytes) * 1024);
    } catch {} // it ended meanwhile
  }
  return peak;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];
const contenders = ['atrous relaxed', 'atrous simd', 'onnxruntime-web', 'tfjs-wasm'];
const [heaviest] = Object.keys(networks);
const versionOf = (name: string): string =>
  JSON.parse(readFileSync(`${root}/node_modules/${name}/package.json`, 'utf8')).version;
const results = {
  date: new Date().toISOString().slice(0, 10),
  versions: {
    'onnxruntime-web': versionOf('onnxruntime-web'),
    'onnxruntime-node': versionOf('onnxruntime-node'),
    'tfjs-backend-wasm': versionOf('@tensorflow/tfjs-backend-wasm'),
  },
  machine: { cpu: cpus()[0].model, cores: cpus().length, flags: flagsOf() },
  chromium: '',
  speed: [] as unknown[],
  node: { version: process.versions.node, speed: [] as unknown[] },
  first: [] as unknown[],
};

/** The largest network in Node, a process per thread count. */
function inNode(): unknown[] {
  const [network] = Object.entries(networks);
  const operations =
    2 * cost(buildNetwork(network[1].architecture), { image: network[1].shape }).multiplyAdds;
  return [1, 2].flatMap((threads) => {
    const script = fileURLToPath(new URL('./node.ts', import.meta.url));
    const args = ['--conditions=@atrous/source', script, String(threads), String(rounds)];
    const rows = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Record<
      string,
      unknown
    >[];
    for (const row of rows)
      console.log(
        `Node  ${row.threads} thread(s)  ${row.contender}  ${Number(row.milliseconds).toFixed(0)} ms`,
      );
    return rows.map((row) => ({ ...row, operations }));
  });
}

function flagsOf(): string[] {
  const flags = /flags\s*:(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1].split(' ') ?? [];
  return flags.filter((flag) => /^(avx|fma|sse4)/.test(flag));
}

for (const network of quick ? [heaviest] : Object.keys(networks)) {
  const { shape, architecture } = networks[network];
  const operations = 2 * cost(buildNetwork(architecture), { image: shape }).multiplyAdds;
  for (const threads of [1, 2]) {
    const measured = (await withPage(async (page) => {
      results.chromium ||= (await page.context().browser()?.version()) ?? '';
      const call = [network, threads, rounds, contenders] as const;
      return page.evaluate(
        (args) =>
          (globalThis as never as { bench: { compare(...all: unknown[]): unknown } }).bench.compare(...args),
        call,
      );
    })) as Measured;
    for (const [contender, reason] of Object.entries(measured.left)) {
      results.speed.push({ network, threads, contender, operations, left: reason });
      console.log(`${network}  ${threads} thread(s)  ${contender}: not measured: ${reason}`);
    }
    const ours = median(measured.milliseconds['atrous relaxed']);
    for (const [contender, all] of Object.entries(measured.milliseconds)) {
      const row = {
        network,
        threads,
        contender,
        operations,
        milliseconds: median(all),
        all,
        error: measured.error[contender],
        peaks: measured.peaks[contender],
      };
      results.speed.push(row);
      console.log(
        `${network}  ${threads} thread(s)  ${contender.padEnd(16)} ${row.milliseconds.toFixed(0).padStart(6)} ms  ${(row.milliseconds / ours).toFixed(2)} ×  error ${row.error.toExponential(1)}  ${row.peaks ? `peak ${row.peaks.map((one) => one.map((x) => x.toFixed(1)).join('+')).join(', ')} GFLOP/s` : ''}`,
      );
    }
  }
}
results.node.speed.push(...inNode());
const empty = await withPage(async () => rendererPeak());
for (const contender of contenders) {
  const row = await withPage(async (page) => {
    const times = (await page.evaluate(
      (args) =>
        (globalThis as never as { bench: { first(...all: unknown[]): unknown } }).bench.first(...args),
      [heaviest, 1, contender] as const,
    )) as { load: number; run: number };
    return { contender, ...times, bytes: rendererPeak() - empty };
  });
  results.first.push(row);
  console.log(
    `${contender.padEnd(16)} load ${row.load.toFixed(0)} ms, first run ${row.run.toFixed(0)} ms, peak ${(row.bytes / 2 ** 20).toFixed(0)} MB over an empty page's`,
  );
}
// A quick look leaves the published figures alone.
if (!quick) {
  writeFileSync(`${root}/results.json`, `${JSON.stringify(results, null, 1)}\n`);
  renderReadme();
}
await server.close();
process.exit(0);
