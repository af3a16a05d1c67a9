// npm run -s bench: our engine and its peers on the same files, in Chromium and in Node, interleaved; load, first run,
// memory and bytes in a fresh process each. Writes results.json and the tables of README.md.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cost } from '@atrous/graph';
import { openBrowser } from './browser.ts';
import type { Request } from './contender.ts';
import { writeFiles } from './files.ts';
import { machine, versions } from './machine.ts';
import { graphOf, networks } from './networks.ts';
import { openNode } from './node_process.ts';
import type { Place } from './place.ts';
import { type Platform, type Results, renderReadme, type SpeedRow } from './table.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const isQuick = process.argv.includes('--quick');
const rounds = isQuick ? 3 : 5;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1];

async function measure(place: Place): Promise<Platform> {
  const [heaviest] = Object.keys(networks);
  const speed: SpeedRow[] = [];
  const requestFor = (network: string, threads: number): Request => {
    return { network, threads, files: `${place.files}${networks[network].folder}/` };
  };
  for (const network of isQuick ? [heaviest] : Object.keys(networks)) {
    const { shape } = networks[network];
    const operations = 2 * cost(graphOf(network), { image: shape }).multiplyAdds;
    for (const threads of [1, 2]) {
      const measured = await place.compare(requestFor(network, threads), rounds);
      for (const { milliseconds, peaks, ...row } of measured) {
        const times =
          milliseconds.length > 0 ? { milliseconds: median(milliseconds), all: milliseconds } : {};
        speed.push({ network, threads, operations, ...row, ...times, ...(peaks.length > 0 && { peaks }) });
        console.log(
          `${place.name}  ${network}  ${threads} thread(s)  ${row.contender}:`,
          row.left ?? median(milliseconds),
        );
      }
    }
  }
  const first: Platform['first'][number][] = [];
  for (const contender of await place.contenders()) {
    const row = await place.first(contender, requestFor(heaviest, 1));
    first.push({ contender, ...row });
    console.log(`${place.name}  ${contender}:`, row);
  }
  return { name: place.name, speed, first };
}

const folder = await mkdtemp(join(tmpdir(), 'atrous-bench-'));
try {
  await writeFiles(folder);
  const platforms: Platform[] = [];
  for (const open of [openBrowser, openNode]) {
    const place = await open(folder);
    try {
      platforms.push(await measure(place));
    } finally {
      await place.close();
    }
  }
  // A quick look leaves the published figures alone.
  if (!isQuick) {
    const results: Results = {
      date: new Date().toISOString().slice(0, 10),
      machine: machine(),
      versions: versions(root),
      platforms,
    };
    await writeFile(`${root}/results.json`, `${JSON.stringify(results, null, 1)}\n`);
    renderReadme();
  }
} finally {
  await rm(folder, { recursive: true });
}
