export interface Progress {
  /** `compile` is a runtime's that compiles kernels: WebGPU's. */
  readonly phase: 'download' | 'verify' | 'compile';
  /** A file; the runtime, where kernels are compiled. */
  readonly file: string;
  /** Bytes so far; kernels, where they are compiled. */
  readonly loaded: number;
  /** In all; undefined where a server does not say. */
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
