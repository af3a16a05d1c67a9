export interface Progress {
  readonly phase: 'download' | 'verify';
  readonly file: string;
  /** Bytes so far. */
  readonly loaded: number;
  /** Bytes in all; undefined where a server does not say. */
  readonly total?: number;
}

/** Progress of a file in a phase that never goes back: a stale copy may be checked before the download that replaces it. */
export function forwardOnly(report: (progress: Progress) => void): typeof report {
  const reached = new Map<string, number>();
  return (progress) => {
    const step = `${progress.phase} ${progress.file}`;
    if (progress.loaded < (reached.get(step) ?? 0)) return;
    reached.set(step, progress.loaded);
    report(progress);
  };
}
