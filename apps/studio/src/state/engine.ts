import type { Segmenter } from '@atrous/segmenter/client';
import type { ModelLocation } from '@atrous/zoo';
import { computed, signal } from '@preact/signals';
import type { About } from '../worker/about.ts';

/** A model that can be loaded. */
export interface ModelChoice {
  /** Of a shipped one its name; else where it comes from. */
  readonly id: string;
  readonly title: string;
  readonly location: ModelLocation;
  /** What its weights take, where that is known beforehand. */
  readonly bytes?: number;
  /** One of the same classes that stands for it until it is loaded, and beside it for video. */
  readonly small?: ModelChoice;
  /** What was recognised, of a checkpoint without a config. */
  readonly recognised?: About;
}

/** What somebody wants. */
export interface Asked {
  readonly model: ModelChoice;
  /** `auto`, or a runtime's name. */
  readonly runtime: string;
  readonly threads: number;
}

/** What is in use. */
export interface Engine extends Asked {
  readonly segmenter: Segmenter;
  /** The small model, in use for video. */
  readonly beside?: Engine;
}

/** What is being loaded, and how far. */
export interface Loading extends Asked {
  /** The model that was asked for, or the small one that stands for it. */
  readonly part: ModelChoice;
  /** `wait`: for the first mask. */
  readonly phase: 'look' | 'unpack' | 'wait' | 'download' | 'verify' | 'compile' | 'start';
  /** Bytes. */
  readonly loaded: number;
  readonly total?: number;
}

/** A large model that its small one stands for. */
export interface Larger {
  readonly model: ModelChoice;
  /** Why it does not come by itself, as a sentence; undefined while it does. */
  readonly why?: string;
}

export const engine = signal<Engine | undefined>();
export const loading = signal<Loading | undefined>();
export const larger = signal<Larger | undefined>();
export const classes = computed(() => engine.value?.segmenter.classes ?? []);

/** Threads that there may be: sharing memory needs an isolated page. */
export const mostThreads = (): number =>
  // WebKitGTK hides shared memory in an isolated page, too
  globalThis.crossOriginIsolated && typeof SharedArrayBuffer !== 'undefined'
    ? Math.min(16, navigator.hardwareConcurrency)
    : 1;
/** How many were taken last; at first one core is left to the page, which stutters otherwise, but of two both are taken. */
export const threads = signal(Math.max(Math.min(2, mostThreads()), mostThreads() - 1));
/** How many are asked for. */
export const wantedThreads = (): number => loading.value?.threads ?? threads.value;

/** What was asked for last: what is being loaded, or is in use. */
export const asked = (): Asked | undefined => loading.value ?? engine.value;
