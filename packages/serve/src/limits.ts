import { AtrousError, inWords } from '@atrous/tensor';

/** What one request may cost, and how many there may be. */
export interface ServeLimits {
  /** Bytes of a body. */
  readonly maxBytes: number;
  /** Pixels of a picture, looked at before it is decoded. */
  readonly maxPixels: number;
  /** Requests that are worked on at once: one is in the network, the others are decoded and encoded meanwhile. */
  readonly concurrency: number;
  /** Requests that may wait beside those. What comes then is told to come again. */
  readonly maxWaiting: number;
  /** Milliseconds from a request's first byte to its answer: upload, wait and work. */
  readonly timeout: number;
}

/** 20 MB, 40 megapixels, 3 at once, 64 waiting, 30 seconds. */
export const defaultLimits: ServeLimits = {
  maxBytes: 20_000_000,
  maxPixels: 40_000_000,
  concurrency: 3,
  maxWaiting: 64,
  timeout: 30_000,
};

/** The limits that somebody gave, and the usual ones for the rest. @throws AtrousError `input` */
export function limitsOf(given: Partial<ServeLimits>): ServeLimits {
  const least: Readonly<Record<keyof ServeLimits, number>> = {
    maxBytes: 1,
    maxPixels: 1,
    concurrency: 1,
    maxWaiting: 0,
    timeout: 1,
  };
  const limits = { ...defaultLimits };
  for (const name of Object.keys(defaultLimits) as (keyof ServeLimits)[]) {
    const value = given[name];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < least[name]) {
      throw new AtrousError(
        'input',
        `${name}: expected a whole number of at least ${least[name]}, got ${inWords(value)}`,
      );
    }
    limits[name] = value;
  }
  return limits;
}
