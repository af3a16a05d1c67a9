import { leftOut } from './left_out.ts';

/** Stands for floats of 8 bits and less, which none of our own files has. */
export const minifloatTable: () => never = leftOut;
export const unpackBits: () => never = leftOut;
