import { leftOut } from './left_out.ts';

/** Stands for the choice among the files of a checkpoint: one of several files is another's. */
export const mainFile = ([name, ...others]: readonly string[]): string =>
  others.length === 0 ? name : leftOut();
export const filesBeside: () => never = leftOut;
