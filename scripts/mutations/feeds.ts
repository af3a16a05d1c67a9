// Reads 10,000 damaged feeds files as `atrous run` does. Every one has to end in numbers that can be fed or in an
// AtrousError, within 2 s and 200 MB:
//   node --conditions=@atrous/source scripts/mutations/feeds.ts [COUNT] [FOLDER]
// With FOLDER, the files that were accepted are kept there, for other readers of the format to judge.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readFeeds } from '../../apps/cli/src/feeds.ts';
import { inputs, mutatedFeeds } from '../../apps/cli/src/test_feed_mutations.ts';
import { memoryBytes } from '../../packages/checkpoint/src/bytes.ts';

const count = Number(process.argv[2] ?? 10_000);
const folder = process.argv[3];
if (folder) await mkdir(folder, { recursive: true });

const megabytes = () => process.resourceUsage().maxRSS / 1024;
const before = megabytes();
const outcomes = new Map<string, number>();
const faults: string[] = [];
let slowest = 0;
for (let seed = 0; seed < count; seed++) {
  const file = mutatedFeeds(seed);
  const start = performance.now();
  const outcome = await readFeeds(memoryBytes(file, `${seed}.safetensors`), inputs).catch((error) => error);
  const milliseconds = performance.now() - start;
  slowest = Math.max(slowest, milliseconds);
  const isOurs = outcome instanceof Error && outcome.name === 'AtrousError';
  if (outcome instanceof Error && !isOurs) faults.push(`seed ${seed}: ${outcome.stack}`);
  if (milliseconds > 2000) faults.push(`seed ${seed}: ${milliseconds} ms`);
  const kind = isOurs
    ? (outcome as Error & { code: string }).code
    : outcome instanceof Error
      ? 'fault'
      : 'fed';
  outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
  if (kind === 'fed' && folder) await writeFile(join(folder, `${seed}.safetensors`), file);
}
const grown = megabytes() - before;
if (grown > 200) faults.push(`${grown.toFixed(0)} MB`);
console.log(
  JSON.stringify({
    files: count,
    ...Object.fromEntries(outcomes),
    slowestMs: Number(slowest.toFixed(1)),
    grownMB: Math.round(grown),
    faults,
  }),
);
if (faults.length > 0) process.exitCode = 1;
