import { stderr, stdout } from 'node:process';
import type { SegmenterOptions } from '@atrous/segmenter';
import type { SaveOptions } from '@atrous/zoo';
import { printable, printableJson, printableName } from './printable.ts';

/** Columns padded to line up; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, i) => Math.max(all[i] ?? 0, String(cell).length)),
    [],
  );
  const isNumber = (cell: string | number) =>
    typeof cell === 'number' || /^[\d.,]+( ?[a-zA-Z%]+)?$/.test(cell);
  return rows
    .map((row) =>
      row
        .map((cell, i) =>
          isNumber(cell) ? String(cell).padStart(widths[i]) : String(cell).padEnd(widths[i]),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const units = ['', ' k', ' M', ' G', ' T'] as const;

/** `54.04 G` */
export function short(value: number): string {
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  return power === 0 ? String(value) : `${(value / 1000 ** power).toFixed(2)}${units[power]}`;
}

/** Prints to standard output: one JSON value, or text. */
export function print(options: { json?: boolean }, data: unknown, text: () => string): void {
  stdout.write(`${options.json ? printableJson(data) : printable(text())}\n`);
}

/** For people, beside the result. */
export function note(text: string): void {
  stderr.write(`${printable(text)}\n`);
}

/**
 * A reader that has seen enough (`| head -1`) is no failure: what it leaves unread is dropped, and the exit code still
 * says how the work went. Any other error of the output, as of a full disk, is one.
 */
export function dropWhatNobodyReads(): void {
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') return;
      if (stream === stdout) note(`atrous: the result cannot be printed: ${error.message}`);
      process.exitCode = 1;
    });
  }
}

/** So many steps are enough to tell how fast they are; what went before may have been quicker. */
const timedSteps = 30;

/**
 * `3.4 a second, 1:25 left`
 * @param times when the last steps were, in milliseconds
 * @param left how many steps are to come
 */
export function pace(times: readonly number[], left: number): string {
  const seconds = times.length > 1 ? (times[times.length - 1] - times[0]) / 1000 : 0;
  if (seconds === 0) return '';
  const perSecond = (times.length - 1) / seconds;
  const rest = Math.round(left / perSecond);
  const [hours, minutes] = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60];
  const digits = (value: number) => String(value).padStart(2, '0');
  const clock = hours > 0 ? `${hours}:${digits(minutes)}` : String(minutes);
  return `${perSecond < 10 ? perSecond.toPrecision(2) : Math.round(perSecond)} a second, ${clock}:${digits(rest % 60)} left`;
}

/** A bar on the terminal, with the pace and the time left; silent where standard error is none. */
export function progressBar(total: number): { step(label: string): void; end(): void } {
  let done = 0;
  let times: number[] = [];
  const draw = (label: string) => {
    if (!stderr.isTTY || total < 2) return;
    const filled = Math.round((done / total) * 24);
    const how = pace(times, total - done);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${done}/${total} ${how && `${how} `}${printableName(label)}`;
    // a line that wraps is not cleared by the next one
    stderr.write(`\r\x1b[K${bar.slice(0, (stderr.columns || 80) - 1)}`);
  };
  return {
    step(label) {
      times = [...times.slice(1 - timedSteps), performance.now()];
      draw(label);
      done++;
    },
    end() {
      if (stderr.isTTY && total >= 2) stderr.write('\r\x1b[K');
    },
  };
}

/** Loading a model, on the terminal, where it takes long enough to be seen. */
function downloadProgress(progress: { phase: string; file: string; loaded: number; total?: number }): void {
  if (!stderr.isTTY || progress.phase !== 'download') return;
  const { loaded, total } = progress;
  const share = total ? ` ${Math.floor((100 * loaded) / total)} %` : ` ${short(loaded)}B`;
  stderr.write(`\r\x1b[K${printableName(progress.file)}${share}${loaded === total ? '\r\x1b[K' : ''}`);
}

/** What writing a model folder tells a terminal: what half precision cannot hold. */
export const savingReports: Required<Pick<SaveOptions, 'onWarning'>> = {
  onWarning: ({ message }) => note(`atrous: ${message}`),
};

/** What loading a model tells a terminal: bytes so far, and why a kept copy serves instead of what is online. */
export const loadingReports: Required<Pick<SegmenterOptions, 'onProgress' | 'onWarning'>> = {
  onProgress: downloadProgress,
  onWarning: ({ message }) => note(`atrous: ${message}`),
};
