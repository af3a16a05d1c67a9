// npm run -s bench: our engine and its peers on the same files, in Chromium and in Node, as shipped and with further flags,
// interleaved; load, first run, memory and bytes in a fresh process each. Writes results.json, the tables of README.md and
// what other READMEs say of speed. --quick: the largest network and one that ships, in Chromium on one thread, and nothing is
// written. --network FOLDER: one network (xception65, people, street, …) in Chromium and Node, in few rounds; nothing is written.
// --render: writes the texts anew, measures nothing.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { messageOf } from '@atrous/tensor';
import { browserVersion, measureLoads, openBrowser, servePage } from './browser.ts';
import type { Request } from './contender.ts';
import { writeFiles, writeModelFolder } from './files.ts';
import { type FlagSet, flagSets } from './flag_sets.ts';
import { machine, moduleSizes, versions } from './machine.ts';
import type { Measured } from './measure.ts';
import { type Measurable, measurables } from './networks.ts';
import { openNode } from './node_process.ts';
import type { Place } from './place.ts';
import { type LoadTimes, median, minimum, type Platform, type Results, type SpeedRow } from './results.ts';
import { writeTexts } from './texts.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** How much is measured. */
const plans = {
  whole: { effort: { seconds: 5, least: 4, most: 15 }, threads: [1, 2] },
  quick: { effort: { seconds: 3, least: 2, most: 5 }, threads: [1] },
} as const;

async function measure(
  place: Place,
  { name: set, only }: FlagSet,
  networks: readonly Measurable[],
  { effort, threads: counts }: (typeof plans)['whole' | 'quick'],
  isFirstMeasured: boolean,
): Promise<Platform> {
  const names = (await place.contenders()).filter((name) => !only || only.includes(name));
  const requestFor = ({ folder, network }: Measurable, threads: number): Request => {
    return { network, threads, files: `${place.files}${folder}/` };
  };
  const speed: SpeedRow[] = [];
  for (const one of networks) {
    for (const threads of counts) {
      const { operations, network } = one;
      const rows = place.compare(names, requestFor(one, threads), effort);
      // flags of V8's own may end it; as it ships, an end is an error
      const kept = only ? rows.catch((reason) => names.map((name) => crashed(name, reason))) : rows;
      for (const measured of await kept) {
        speed.push({ network: network.name, threads, operations, ...measured });
        const { contender, left, milliseconds, cpu } = measured;
        const shown = [minimum(milliseconds), median(milliseconds), minimum(cpu), median(cpu)];
        const times = left ?? shown.map((value) => value?.toFixed(1)).join('  ');
        console.log(`${place.name} ${set}  ${network.name}  ${threads}  ${contender}:  ${times}`);
      }
    }
  }
  const first: Platform['first'][number][] = [];
  for (const contender of isFirstMeasured ? names : []) {
    const row = { contender, ...(await place.first(contender, requestFor(networks[0], 1))) };
    first.push(row);
    console.log(`${place.name}:`, row);
  }
  return { name: place.name, set, flags: place.flags, speed, first };
}

/** A process that ends takes its contenders with it, and not what was measured before. */
const crashed = (contender: string, reason: unknown): Measured => ({
  contender,
  left: messageOf(reason).split('\n')[0].slice(0, 200),
  milliseconds: [],
  cpu: [],
  error: 0,
  peaks: [],
});

/** Loads of the largest network and of one that ships, on first and later visits. */
async function allLoads(
  folder: string,
  url: string,
  [largest]: readonly Measurable[],
): Promise<Record<string, LoadTimes>> {
  await writeModelFolder(folder, largest);
  const loads = {
    [largest.network.name]: await measureLoads(url, `/files/${largest.folder}/`),
    people: await measureLoads(url, '/models/people/'),
  };
  console.log(loads);
  return loads;
}

/** Every platform with every set of flags. */
async function measureAll(
  folder: string,
  url: string,
  networks: readonly Measurable[],
  plan: (typeof plans)['whole' | 'quick'],
  isFirstMeasured: boolean,
): Promise<Platform[]> {
  const platforms: Platform[] = [];
  const version = await browserVersion();
  for (const [i, set] of flagSets.chromium(Number.parseInt(version, 10)).entries()) {
    const place = openBrowser(url, version, set.flags);
    platforms.push(await measure(place, set, networks, plan, isFirstMeasured && i === 0));
  }
  for (const [i, set] of flagSets.node.entries()) {
    const place = openNode(folder, set.flags);
    platforms.push(await measure(place, set, networks, plan, isFirstMeasured && i === 0));
  }
  return platforms;
}

async function whole(folder: string, url: string, networks: readonly Measurable[]): Promise<void> {
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    versions: versions(root),
    modules: await moduleSizes(),
    platforms: await measureAll(folder, url, networks, plans.whole, true),
    loads: await allLoads(folder, url, networks),
  };
  await writeFile(`${root}/results.json`, `${JSON.stringify(results, null, 1)}\n`);
  writeTexts();
}

async function quick(url: string, networks: readonly Measurable[]): Promise<void> {
  const version = await browserVersion();
  for (const set of flagSets.chromium(Number.parseInt(version, 10)))
    await measure(openBrowser(url, version, set.flags), set, networks, plans.quick, false);
}

const quickNetworks = ['xception65', 'people'];

/** Files and page, and away with them. */
async function withFiles(isQuick: boolean, only: string | undefined): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'atrous-bench-'));
  try {
    const all = await measurables();
    const wanted = only ? [only] : isQuick ? quickNetworks : undefined;
    const networks = wanted ? all.filter((one) => wanted.includes(one.folder)) : all;
    if (networks.length === 0)
      throw new Error(`--network ${only}: expected one of ${all.map((one) => one.folder).join(', ')}`);
    await writeFiles(folder, networks);
    const page = await servePage(folder);
    try {
      if (isQuick) await quick(page.url, networks);
      else if (only) await measureAll(folder, page.url, networks, plans.quick, false);
      else await whole(folder, page.url, networks);
    } finally {
      await page.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    render: { type: 'boolean', default: false },
    network: { type: 'string' },
  },
});
if (values.render) writeTexts();
else await withFiles(values.quick, values.network);
