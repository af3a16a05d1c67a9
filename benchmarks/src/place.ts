import type { Request } from './contender.ts';
import type { Measured } from './measure.ts';
import type { Platform } from './table.ts';

/** Where contenders are measured: each call is a process of its own. */
export interface Place {
  readonly name: string;
  readonly files: string;
  contenders(): Promise<string[]>;
  compare(request: Request, rounds: number): Promise<Measured[]>;
  first(name: string, request: Request): Promise<Omit<Platform['first'][number], 'contender'>>;
  close(): Promise<void>;
}
