import type { LabelMapOptions, LabelMapResult, Region } from '@atrous/mask';
import type { Tensor } from '@atrous/tensor';
import type { Forms, Precision } from './forms.ts';
import type { Build } from './modules.ts';
import type { Note, PackedFile } from './packed_files.ts';
import type { Plan } from './plan/plan.ts';

/** More threads meet at the barriers for longer than they save. */
export const mostThreads = 16;

/** Words of the control block that threads share; from `claimed` on one for each thread: how many pieces of its share are taken. */
export const control = {
  arrived: 0,
  generation: 1,
  abort: 2,
  stopped: 3,
  claimed: 4,
  words: 20,
} as const;

/** What a session tells its threads. Each message is answered by one reply of the same `id`. */
export type Request = { readonly id: number } & (
  | {
      readonly kind: 'start';
      readonly module: WebAssembly.Module;
      /** Undefined: the thread has a memory of its own. */
      readonly memory?: WebAssembly.Memory;
      readonly control: Int32Array;
      readonly thread: number;
      readonly threads: number;
    }
  | { readonly kind: 'write'; readonly offset: number; readonly data: Float32Array | Int8Array }
  /** Packed weights from the disk into memory: a note, or null where they are not there. */
  | { readonly kind: 'restore'; readonly file: PackedFile }
  /** Packed weights onto the disk, between other requests; answered at once. */
  | { readonly kind: 'keep'; readonly file: PackedFile; readonly note: Note }
  | { readonly kind: 'plan'; readonly key: string; readonly plan: Plan }
  | { readonly kind: 'forget'; readonly key: string }
  | {
      readonly kind: 'run';
      readonly key: string;
      /** For the first thread alone, which reads for all, and writes what was not put into shared memory. */
      readonly feeds?: Readonly<Record<string, Tensor>>;
      readonly profile: boolean;
    }
  | {
      readonly kind: 'labels';
      readonly logits: Tensor;
      readonly options: LabelMapOptions;
      /** This thread's rows. */
      readonly region: Region;
      /** Where the thread may write. */
      readonly begin: number;
    }
  /** Which form of a product is the fastest here; memory stays as it is. */
  | { readonly kind: 'form'; readonly build: Build; readonly precision: Precision }
  | { readonly kind: 'peak'; readonly rounds: number }
);

/** A message without an answer: the run should end. Where memory is shared, a word of the control block says it instead. */
export interface AbortNotice {
  readonly kind: 'abort';
}

export interface Finished {
  readonly stopped: boolean;
  readonly outputs?: Record<string, Tensor>;
  /** Milliseconds of each step, barrier included. */
  readonly times?: readonly number[];
}

export interface Restored {
  readonly note: Note;
}

export type Answer = Finished | LabelMapResult | Restored | Forms[Precision] | number | null;

export type Reply = { readonly id: number } & (
  | { readonly value: Answer }
  | { readonly error: { readonly code: string; readonly message: string } }
);
