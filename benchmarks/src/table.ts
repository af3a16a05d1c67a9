// The tables of README.md, from results.json.
import { median, minimum, type Platform, type Results, type SpeedRow } from './results.ts';

const ours = 'atrous relaxed';
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const head = (...cells: readonly string[]): string[] => [row(...cells), row(...cells.map(() => '---'))];
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 2 : 0);
const milliseconds = (value: number): string => value.toFixed(value < 100 ? 1 : 0);
const pair = (values: readonly number[]): [string, string] =>
  values.length === 0 ? ['', ''] : [milliseconds(minimum(values)), milliseconds(median(values))];
const ratio = (values: readonly number[], base: readonly number[] | undefined): string =>
  base?.length && values.length > 0 ? `${(minimum(values) / minimum(base)).toFixed(2)} ×` : '';

function speedTable(rows: readonly SpeedRow[]): string[] {
  return [
    ...head(
      'network',
      'threads',
      'runtime',
      'ms, least',
      'median',
      'CPU ms, least',
      'median',
      'time against ours',
      'CPU against ours',
      'GFLOP/s',
      'share of the roofline',
      'differs by',
    ),
    ...rows.map((one) => {
      const { network, threads, contender, milliseconds: wall, cpu, peaks, operations, error } = one;
      if (one.left !== undefined)
        return row(network, threads, contender, `not measured: ${one.left}`, ...Array(8).fill(''));
      const base = rows.find((other) => {
        return other.network === network && other.threads === threads && other.contender === ours;
      });
      const speed = operations / minimum(wall) / 1e6;
      const peak = Math.max(0, ...peaks.map(sum)); // the better of before and after: the harder to come near
      const share = peak ? `${((100 * speed) / peak).toFixed(0)} % of ${peak.toFixed(1)}` : '';
      return row(
        network,
        threads,
        contender,
        ...pair(wall),
        ...pair(cpu),
        ratio(wall, base?.milliseconds),
        ratio(cpu, base?.cpu),
        speed.toFixed(1),
        share,
        error.toExponential(0),
      );
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

const loadTable = (loads: NonNullable<Results['loads']>): string[] => [
  '',
  '### From a folder to a ready segmenter, in Chromium, one thread',
  '',
  'The least of later visits, a page each. Files are in Cache Storage then; packed weights in the private file system, too.',
  '',
  ...head('model', 'first visit, ms', 'files kept, ms', 'packed weights kept, ms'),
  ...Object.entries(loads).map(([model, { first, cached, packed }]) =>
    row(model, ...[first, minimum(cached), minimum(packed)].map((time) => time.toFixed(0))),
  ),
];

/** The tables as Markdown. */
export function tables({ date, machine, versions, platforms, loads }: Results): string {
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const features = machine.features.length > 0 ? ` (${machine.features.join(', ')})` : '';
  return [
    `${date}, ${machine.cores} cores of ${machine.cpu}${features}, ${peers.join(', ')}.`,
    ...platforms.flatMap(({ name, set, flags, speed, first }) => [
      '',
      `### ${name}, ${set}`,
      '',
      ...(flags.length > 0 ? [`Flags: \`${flags.join(' ')}\`.`, ''] : []),
      ...speedTable(speed),
      ...(first.length > 0
        ? [
            '',
            'The largest network on one thread, from files to the first answer, a fresh process each; memory is its peak less that of an empty one.',
            '',
            ...firstTable(first),
          ]
        : []),
    ]),
    ...(loads ? loadTable(loads) : []),
  ].join('\n');
}
