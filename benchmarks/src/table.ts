// Writes the tables of README.md from results.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface SpeedRow {
  readonly network: string;
  readonly threads: number;
  readonly contender: string;
  readonly milliseconds?: number;
  readonly peaks?: readonly (readonly number[])[];
  readonly operations: number;
  readonly left?: string;
}

export interface Results {
  readonly date: string;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly flags: readonly string[] };
  readonly chromium: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly speed: readonly SpeedRow[];
  /** The largest network in Node. */
  readonly node: { readonly version: string; readonly speed: readonly SpeedRow[] };
  readonly first: readonly { contender: string; load: number; run: number; bytes: number }[];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function speedTable(rows: readonly SpeedRow[]): string[] {
  const head = [
    '| network | threads | runtime | ms | against ours | GFLOP/s | share of the roofline |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  const body = rows.map((row) => {
    const { network, threads, contender, milliseconds, peaks, operations } = row;
    if (milliseconds === undefined)
      return `| ${network} | ${threads} | ${contender} | not measured: ${row.left} | | | |`;
    const ours = rows.find((other) => {
      return other.network === network && other.threads === threads && other.contender === 'atrous relaxed';
    });
    const ratio = ours?.milliseconds ? `${(milliseconds / ours.milliseconds).toFixed(2)} ×` : '';
    const speed = operations / milliseconds / 1e6;
    const peak = peaks && Math.max(...peaks.map(sum)); // the better of before and after: the harder to come near
    const share = peak ? `${((100 * speed) / peak).toFixed(0)} % of ${peak.toFixed(1)}` : '';
    return `| ${network} | ${threads} | ${contender} | ${milliseconds.toFixed(0)} | ${ratio} | ${speed.toFixed(1)} | ${share} |`;
  });
  return [...head, ...body];
}

/** The tables as Markdown. */
export function tables({ date, machine, chromium, versions, speed, node, first }: Results): string {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}, ${machine.cores} cores of ${machine.cpu} (${machine.flags.join(', ')}), Chromium ${chromium}, ${peers.join(', ')}.`,
    '',
    ...speedTable(speed),
    '',
    `In Node ${node.version}, where onnxruntime-node is native code (with AVX-512, where the processor has it, four times as wide as WebAssembly's vectors):`,
    '',
    ...speedTable(node.speed),
    '',
    'One thread, the largest network, a fresh browser each; memory is the renderer’s peak less that of an empty page:',
    '',
    '| runtime | load, ms | first run, ms | memory, MB |',
    '| --- | --- | --- | --- |',
    ...first.map(({ contender, load, run, bytes }) => {
      return `| ${contender} | ${load.toFixed(0)} | ${run.toFixed(0)} | ${(bytes / 2 ** 20).toFixed(0)} |`;
    }),
  ].join('\n');
}

/** Renders results.json into README.md. */
export function renderReadme(): void {
  const file = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
  const results = JSON.parse(readFileSync(file('results.json'), 'utf8')) as Results;
  const readme = readFileSync(file('README.md'), 'utf8');
  const marks = /(<!-- results -->\n)[\s\S]*?(\n?<!-- end -->)/;
  writeFileSync(
    file('README.md'),
    readme.replace(marks, (_all, begin) => `${begin}${tables(results)}\n<!-- end -->`),
  );
}
