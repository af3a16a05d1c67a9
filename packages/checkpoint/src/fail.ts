/** Throws, with what is wrong with a file. */
export type Fail = (why: string, cause?: unknown) => never;

/** True for what a file may give as a length, a count or an offset. */
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
