import { stderr, stdout } from 'node:process';

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
  stdout.write(options.json ? `${JSON.stringify(data, null, 2)}\n` : `${text()}\n`);
}

/** For people, beside the result. */
export function note(text: string): void {
  stderr.write(`${text}\n`);
}

/** A bar on the terminal; silent where standard error is none. */
export function progressBar(total: number): { step(label: string): void; end(): void } {
  let done = 0;
  const draw = (label: string) => {
    if (!stderr.isTTY || total < 2) return;
    const filled = Math.round((done / total) * 24);
    stderr.write(`\r\x1b[K${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${done}/${total} ${label}`);
  };
  return {
    step(label) {
      draw(label);
      done++;
    },
    end() {
      if (stderr.isTTY && total >= 2) stderr.write('\r\x1b[K');
    },
  };
}

/** Loading a model, on the terminal, where it takes long enough to be seen. */
export function downloadProgress(progress: {
  phase: string;
  file: string;
  loaded: number;
  total?: number;
}): void {
  if (!stderr.isTTY || progress.phase !== 'download') return;
  const { loaded, total } = progress;
  const share = total ? ` ${Math.floor((100 * loaded) / total)} %` : ` ${short(loaded)}B`;
  stderr.write(`\r\x1b[K${progress.file}${share}${loaded === total ? '\r\x1b[K' : ''}`);
}
