import { unknownName } from '@atrous/tensor';
import { others } from './others.ts';
import { own } from './own.ts';
import type { CheckpointSource } from './source.ts';

/** Whose checkpoints we read. */
export const sources: readonly CheckpointSource[] = [own, ...others];

/** The source of that name. @throws AtrousError `input` that lists the names */
export function sourceNamed(name: string): CheckpointSource {
  const found = sources.find((source) => source.name === name);
  if (found) return found;
  throw unknownName(
    'source',
    name,
    sources.map((source) => source.name),
  );
}
