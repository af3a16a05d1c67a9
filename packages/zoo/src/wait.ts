import { AtrousError } from '@atrous/tensor';

/** The longest delay that timers know: what is longer, Infinity too, would fire at once. */
const longestDelay = 2 ** 31 - 1;

export interface WaitOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds. @default Infinity */
  readonly timeout?: number;
}

/**
 * What `work` gives; the caller is free as soon as the signal aborts or the time is over, even where `work` itself cannot
 * be stopped.
 * @throws the signal's reason; an Error that says for how long nothing came
 */
export async function wait<T>(
  work: Promise<T>,
  { signal, timeout = Number.POSITIVE_INFINITY }: WaitOptions = {},
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stop = () => {};
  const end = new Promise<never>((_, reject) => {
    stop = () => reject(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    if (timeout <= longestDelay) {
      timer = setTimeout(() => reject(new Error(`nothing came for ${timeout / 1000} s`)), timeout);
    }
  });
  try {
    return await Promise.race([end, work]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

/** @throws AtrousError `input` */
export function checkTimeout(name: string, milliseconds: number): void {
  if (milliseconds > 0) return;
  throw new AtrousError(
    'input',
    `${name}: expected milliseconds above 0, or Infinity for no limit, got ${milliseconds}`,
  );
}
