// What READMEs say of speed, from results.json: never a word of praise, always a number.
import { minimum, type Platform, type Results, type SpeedRow } from './results.ts';

const ours = 'atrous relaxed';
const ours8 = 'atrous int8';

/** A platform as started with a set of flags. */
function platformOf({ platforms }: Results, name: 'Chromium' | 'Node', set: string): Platform | undefined {
  return platforms.find((platform) => platform.name.startsWith(name) && platform.set === set);
}

/** The shortest time of a row, undefined where there is none. */
const timeOf = (row: SpeedRow | undefined): number | undefined =>
  row && row.milliseconds.length > 0 ? minimum(row.milliseconds) : undefined;

/** Where a contender's time is found. */
interface Where {
  readonly platform: Platform | undefined;
  readonly contender: string;
  readonly threads: number;
}

/**
 * How many times as fast the one is as the other, in words: from the network where it is least to the one where it is most.
 * Nothing where one of them was not measured.
 */
function compared(before: string, one: Where, other: Where, after: string): readonly string[] {
  const found = (one.platform?.speed ?? []).flatMap((row) => {
    if (row.contender !== one.contender || row.threads !== one.threads) return [];
    const against = other.platform?.speed.find(
      ({ network, threads, contender }) =>
        network === row.network && threads === other.threads && contender === other.contender,
    );
    const [time, theirs] = [timeOf(row), timeOf(against)];
    return time && theirs ? [theirs / time] : [];
  });
  if (found.length === 0) return [];
  const [least, most] = [Math.min(...found), Math.max(...found)].map((ratio) => ratio.toFixed(2));
  return [`${before}${least === most ? least : `${least} to ${most}`} × ${after}`];
}

const count = ({ speed }: Platform): number => new Set(speed.map(({ network }) => network)).size;

/** The kernels' size: "17 kB each". */
export function sizes({ modules }: Results): string {
  return `${(Math.max(...Object.values(modules)) / 1000).toFixed(0)} kB each`;
}

/** Clauses as a list: "a, b and c". */
const listed = (clauses: readonly string[]): string =>
  clauses.length < 2
    ? clauses.join()
    : `${clauses.slice(0, -1).join(', ')} and ${clauses[clauses.length - 1]}`;

/** One clause for the first page: peers on one thread of Chromium as it ships. */
export function summary(results: Results): string {
  const platform = platformOf(results, 'Chromium', 'as shipped');
  const on = (contender: string): Where => ({ platform, contender, threads: 1 });
  const clauses = [
    ...compared('', on(ours), on('onnxruntime-web'), "onnxruntime-web's"),
    ...compared('', on(ours), on('TensorFlow.js'), "TensorFlow.js'"),
    ...compared('', on(ours), on('LiteRT.js'), "LiteRT.js'"),
    ...compared('in 8 bits ', on(ours8), on('LiteRT.js int8'), "LiteRT.js' in 8 bits"),
  ];
  return `${sizes(results)}; on one thread of Chromium its speed is ${listed(clauses)}`;
}

/** The paragraph of the engine's own README. */
export function details(results: Results): string {
  const { machine, date } = results;
  const shipped = platformOf(results, 'Chromium', 'as shipped');
  const paired = platformOf(results, 'Chromium', 'revectorized');
  const node = platformOf(results, 'Node', 'as shipped');
  const pairedNode = platformOf(results, 'Node', 'revectorized');
  if (!shipped) throw new Error('results.json: Chromium as shipped was not measured');
  const at = (platform: Platform | undefined, contender: string, threads = 1): Where => {
    return { platform, contender, threads };
  };
  const inPage = (threads: number): readonly string[] => {
    const on = (contender: string) => at(shipped, contender, threads);
    return [
      ...compared('', on(ours), on('LiteRT.js'), 'that of LiteRT.js'),
      ...compared('', on(ours), on('onnxruntime-web'), 'that of onnxruntime-web'),
      ...compared('', on(ours), on('TensorFlow.js'), 'that of TensorFlow.js'),
      ...compared('in 8 bits ', on(ours8), on(ours), 'its own in float32'),
      ...compared('in 8 bits ', on(ours8), on('LiteRT.js int8'), 'that of LiteRT.js in 8 bits'),
    ];
  };
  const rows: Readonly<Record<string, readonly string[]>> = {
    'on one thread': inPage(1),
    'on two threads': inPage(2),
    "with V8's revectorisation, one thread": [
      ...compared('', at(paired, ours), at(shipped, ours), 'its own without'),
      ...compared('', at(paired, ours), at(paired, 'LiteRT.js'), 'that of LiteRT.js with it'),
      ...compared(
        'in 8 bits ',
        at(paired, ours8),
        at(paired, 'LiteRT.js int8'),
        'that of LiteRT.js in 8 bits with it',
      ),
    ],
    'in Node, one thread': [
      ...compared('', at(node, ours), at(node, 'onnxruntime-node'), "that of onnxruntime's native build"),
      ...compared(
        'in 8 bits ',
        at(node, ours8),
        at(node, 'onnxruntime-node'),
        "the native build's in float32",
      ),
      ...compared(
        'in 8 bits with revectorisation ',
        at(pairedNode, ours8),
        at(node, 'onnxruntime-node'),
        "the native build's in float32",
      ),
    ],
  };
  return [
    `Its speed on ${count(shipped)} networks, ${machine.cores} cores of ${machine.cpu}, ${shipped.name}, ${date}, by shortest times, from the network where the ratio is least to the one where it is most:`,
    '',
    ...Object.entries(rows).flatMap(([where, clauses]) =>
      clauses.length > 0 ? [`- ${where}: ${listed(clauses)}`] : [],
    ),
  ].join('\n');
}
