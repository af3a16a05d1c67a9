export { type CreateRuntimeOptions, createRuntime, type TfjsOptions, type TfjsRuntime } from './runtime.ts';
export type { TfjsSession } from './session.ts';
export type { Tf } from './tf.ts';
