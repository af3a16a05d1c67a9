import type { Difference, Differences } from '@atrous/dataset';
import { type ComputeOption, runtimeNames } from '@atrous/segmenter';
import type { Precision } from '@atrous/zoo';
import { InvalidArgumentError } from 'commander';
import { list } from './options.ts';
import { percent, table } from './output.ts';
import { runtimes } from './runtimes.ts';

/** What a second run has of its own; all else is as in the first. */
export interface Against {
  readonly model?: string;
  readonly runtime?: string;
  readonly precision?: Precision;
  readonly compute?: ComputeOption;
}

const settings: Readonly<Record<Exclude<keyof Against, 'model'>, () => readonly string[]>> = {
  runtime: () => runtimeNames(runtimes),
  precision: () => ['float32', 'float16', 'int8'],
  compute: () => ['float32', 'int8', 'auto'],
};

/** Reads `street`, `runtime=wasm` or `street,precision=int8,compute=int8`. */
export function parseAgainst(text: string): Against {
  const found: Record<string, string> = {};
  for (const part of list(text)) {
    const [key, value] = Object.hasOwn(settings, part.split('=')[0])
      ? [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)]
      : ['model', part];
    const allowed = settings[key as keyof typeof settings]?.();
    if (allowed && !allowed.includes(value))
      throw new InvalidArgumentError(`Expected ${key}= one of ${allowed.join(', ')}, got "${value}".`);
    if (found[key] !== undefined)
      throw new InvalidArgumentError(`Expected one ${key}, got "${found[key]}" and "${value}".`);
    found[key] = value;
  }
  if (Object.keys(found).length === 0)
    throw new InvalidArgumentError('Expected a model, or settings such as runtime=wasm.');
  return found;
}

/** `+1.2 (+0.4 to +2.1)`, in points of per cent. */
function withInterval({ difference, low, high }: Difference): string {
  const points = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value * 100).toFixed(2)}`;
  if (difference === null) return '–';
  return low === null || high === null
    ? points(difference)
    : `${points(difference)} (${points(low)} to ${points(high)})`;
}

const orDash = (share: number | null): string => (share === null ? '–' : percent(share));

/** Two runs side by side: a row per score, as cells of text. */
export function differenceRows({ classes, ...whole }: Differences): string[][] {
  const row = (name: string, difference: Difference) => [
    name,
    orDash(difference.first),
    orDash(difference.second),
    withInterval(difference),
  ];
  return [
    row('mean IoU', whole.miou),
    row('frequency-weighted IoU', whole.frequencyWeightedIou),
    row('pixel accuracy', whole.accuracy),
    row('mean accuracy', whole.meanAccuracy),
    ...Object.entries(classes).map(([name, { iou }]) => row(`IoU ${name}`, iou)),
  ];
}

export const differenceHeader = (level: number): string[] => [
  '',
  'first',
  'second',
  `second − first, in points (${level * 100} %)`,
];

/** As text, line by line. */
export const differenceLines = (differences: Differences, level: number): string =>
  table([differenceHeader(level), ...differenceRows(differences)]);
