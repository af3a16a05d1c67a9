import type { FamilyVariant } from '@atrous/graph';
import type { Module } from './module.ts';

/** A network of the family: its modules from the picture on, one a row. */
export interface Variant extends FamilyVariant {
  readonly modules: readonly Module[];
  /** What is handed on at strides 2, 4, 8, 16 and 32: names of modules. */
  readonly taps: readonly string[];
  /** Whether average pools count their padding. */
  readonly countPadding: boolean;
}

/** Rows of the same module: `mixed_6b`, `mixed_6c`, … */
export function lettered(stage: number, from: string, modules: readonly Module['branches'][]): Module[] {
  return modules.map((branches, i) => {
    const letter = String.fromCharCode(from.charCodeAt(0) + i);
    return { name: `mixed_${stage}${letter}`, stride: 1, branches };
  });
}

/** What all three were trained and published with. */
export const imageNet = { inputSize: 299, classifier: { kind: 'pooled' } } as const;
