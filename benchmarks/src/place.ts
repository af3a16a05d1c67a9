import type { Request } from './contender.ts';
import type { Effort, Measured } from './measure.ts';
import type { Platform } from './results.ts';

/** Where contenders are measured: each call is a process of its own. */
export interface Place {
  readonly name: string;
  /** The flags that it was started with. */
  readonly flags: readonly string[];
  readonly files: string;
  contenders(): Promise<string[]>;
  compare(names: readonly string[], request: Request, effort: Effort): Promise<Measured[]>;
  first(name: string, request: Request): Promise<Omit<Platform['first'][number], 'contender'>>;
}
