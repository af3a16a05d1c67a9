// Writes the tables of README.md from results.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Machine } from './machine.ts';

export interface SpeedRow {
  readonly network: string;
  readonly threads: number;
  readonly contender: string;
  readonly operations: number;
  /** The median, and all of them. */
  readonly milliseconds?: number;
  readonly all?: readonly number[];
  /** Relative to the first contender. */
  readonly error: number;
  readonly peaks?: readonly (readonly number[])[];
  /** Why it could not be measured. */
  readonly left?: string;
}

/** Chromium or Node. */
export interface Platform {
  readonly name: string;
  readonly speed: readonly SpeedRow[];
  /** The largest network, one thread, a fresh process each. */
  readonly first: readonly {
    readonly contender: string;
    readonly load: number;
    readonly run: number;
    /** Peak of the process, less an empty one's. */
    readonly bytes: number;
    readonly transferred?: { readonly runtime: number; readonly weights: number };
  }[];
}

export interface Results {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly platforms: readonly Platform[];
}

const ours = 'atrous relaxed';
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const head = (...cells: readonly string[]): string[] => [row(...cells), row(...cells.map(() => '---'))];
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0);

function speedTable(rows: readonly SpeedRow[]): string[] {
  return [
    ...head('network', 'threads', 'runtime', 'ms', 'against ours', 'GFLOP/s', 'share of the roofline'),
    ...rows.map(({ network, threads, contender, milliseconds, peaks, operations, left }) => {
      if (milliseconds === undefined)
        return row(network, threads, contender, `not measured: ${left}`, '', '', '');
      const base = rows.find((other) => {
        return other.network === network && other.threads === threads && other.contender === ours;
      });
      const ratio = base?.milliseconds ? `${(milliseconds / base.milliseconds).toFixed(2)} ×` : '';
      const speed = operations / milliseconds / 1e6;
      const peak = peaks && Math.max(...peaks.map(sum)); // the better of before and after: the harder to come near
      const share = peak ? `${((100 * speed) / peak).toFixed(0)} % of ${peak.toFixed(1)}` : '';
      return row(network, threads, contender, milliseconds.toFixed(0), ratio, speed.toFixed(1), share);
    }),
  ];
}

function firstTable(rows: Platform['first']): string[] {
  const hasBytes = rows.some(({ transferred }) => transferred);
  return [
    ...head(
      'runtime',
      'load, ms',
      'first run, ms',
      'memory, MB',
      ...(hasBytes ? ['runtime, MB', 'weights, MB'] : []),
    ),
    ...rows.map(({ contender, load, run, bytes, transferred }) =>
      row(
        contender,
        load.toFixed(0),
        run.toFixed(0),
        megabytes(bytes),
        ...(transferred ? [megabytes(transferred.runtime), megabytes(transferred.weights)] : []),
      ),
    ),
  ];
}

/** The tables as Markdown. */
export function tables({ date, machine, versions, platforms }: Results): string {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}, ${machine.cores} cores of ${machine.cpu} (${machine.flags.join(', ')}), ${peers.join(', ')}.`,
    ...platforms.flatMap(({ name, speed, first }) => [
      '',
      `### ${name}`,
      '',
      ...speedTable(speed),
      '',
      'The largest network on one thread, from files to the first answer, a fresh process each; memory is its peak less that of an empty one.',
      '',
      ...firstTable(first),
    ]),
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
