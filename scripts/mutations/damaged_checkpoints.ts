import { parseArgs } from 'node:util';
import { type ByteSource, memoryBytes } from '../../packages/checkpoint/src/bytes.ts';
import { type ModelFiles, noFiles } from '../../packages/checkpoint/src/model_files.ts';
import { openCheckpoint } from '../../packages/checkpoint/src/open.ts';

const megabytes = () => process.memoryUsage().rss / 2 ** 20;

/** A damaged file, alone or with others beside it. */
type Damaged = Uint8Array | { readonly bytes: ByteSource; readonly files: ModelFiles };

/**
 * Reads every tensor of damaged files, as many as the command's `--count` says, and prints what came of it. A fault is an error
 * that is no AtrousError or says too much, more than 2 s, and more than 200 MB; with any, the command fails.
 */
export async function readDamaged(kind: string, mutate: (seed: number) => Damaged): Promise<void> {
  const { values } = parseArgs({
    options: { count: { type: 'string', default: '10000' }, seed: { type: 'string', default: '0' } },
  });
  const count = Number(values.count);
  const firstSeed = Number(values.seed);
  const outcomes: Record<string, number> = {};
  const faults: string[] = [];
  let slowestMs = 0;
  let grownMB = 0;

  const note = (error: unknown, seed: number): void => {
    const { name, code, message, stack } = error as Error & { code: string };
    if (name !== 'AtrousError') faults.push(`seed ${seed}: ${stack}`);
    else if (message.length > 1000) faults.push(`seed ${seed}: a message of ${message.length}`);
    outcomes[code] = (outcomes[code] ?? 0) + 1;
  };
  const readEverything = async (damaged: Damaged, seed: number): Promise<void> => {
    const { bytes, files } =
      damaged instanceof Uint8Array ? { bytes: memoryBytes(damaged, 'weights'), files: noFiles } : damaged;
    const checkpoint = await openCheckpoint(bytes, { files }).catch((error) => note(error, seed));
    if (!checkpoint) return;
    outcomes.opened = (outcomes.opened ?? 0) + 1;
    for (const name of checkpoint.names) await checkpoint.read(name).catch((error) => note(error, seed));
  };

  globalThis.gc?.();
  const before = megabytes();
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const file = mutate(seed);
    const start = performance.now();
    await readEverything(file, seed);
    const milliseconds = performance.now() - start;
    slowestMs = Math.max(slowestMs, milliseconds);
    grownMB = Math.max(grownMB, megabytes() - before);
    if (milliseconds > 2000) faults.push(`seed ${seed}: ${milliseconds} ms`);
  }
  if (grownMB > 200) faults.push(`${grownMB.toFixed(0)} MB`);
  const figures = { slowestMs: Number(slowestMs.toFixed(1)), grownMB: Math.round(grownMB) };
  console.log(JSON.stringify({ kind, files: count, ...outcomes, ...figures, faults }));
  if (faults.length > 0) process.exitCode = 1;
}
