import type { Segmenter } from '@atrous/segmenter/worker';
import type { ModelLocation } from '@atrous/zoo';
import { computed, signal } from '@preact/signals';
import type { About } from '../worker/about.ts';

/** A model that can be loaded. */
export interface ModelChoice {
  /** Of a shipped one its name; else where it comes from. */
  readonly id: string;
  readonly title: string;
  readonly location: ModelLocation;
  /** What was recognised, of a checkpoint without a config. */
  readonly recognised?: About;
}

export interface Engine {
  readonly model: ModelChoice;
  /** As it was asked for: `auto`, or a runtime's name. */
  readonly runtime: string;
  readonly threads: number;
  readonly segmenter: Segmenter;
}

/** What is being loaded, and how far. */
export interface Loading {
  readonly model: ModelChoice;
  readonly runtime: string;
  readonly threads: number;
  readonly phase: 'look' | 'unpack' | 'download' | 'verify' | 'start';
  /** Bytes. */
  readonly loaded: number;
  readonly total?: number;
}

export const engine = signal<Engine | undefined>();
export const loading = signal<Loading | undefined>();
export const classes = computed(() => engine.value?.segmenter.classes ?? []);

/** Threads that there may be: sharing memory needs an isolated page. */
export const mostThreads = (): number =>
  globalThis.crossOriginIsolated ? Math.min(16, navigator.hardwareConcurrency) : 1;
/** How many were taken last; at first one core is left to the page, which stutters otherwise. */
export const threads = signal(Math.max(1, mostThreads() - 1));
/** How many are asked for. */
export const wantedThreads = (): number => loading.value?.threads ?? threads.value;

/** What was asked for last: what is being loaded, or is in use. */
export const asked = (): Loading | Engine | undefined => loading.value ?? engine.value;
