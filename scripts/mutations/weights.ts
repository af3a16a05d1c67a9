// Damages safetensors files and configs, thousands of times by seed, and reads them: each ends in a value or in an
// AtrousError, within 2 s and 200 MB. With a Python that has safetensors, nothing may be accepted that it refuses.
//
//   node --expose-gc --conditions=@atrous/source scripts/mutations/weights.ts [--count 10000] [--seed 0] [--python python3]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { memoryBytes } from '../../packages/checkpoint/src/bytes.ts';
import { openCheckpoint } from '../../packages/checkpoint/src/open.ts';
import { readAll } from '../../packages/checkpoint/src/safetensors.ts';
import { mutateSafetensors } from '../../packages/checkpoint/src/test_safetensors_mutations.ts';
import { parseConfig } from '../../packages/zoo/src/config.ts';
import { mutateConfig } from '../../packages/zoo/src/test_config_mutations.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '0' },
    python: { type: 'string' },
  },
});
const seeds = Array.from({ length: Number(values.count) }, (_, i) => Number(values.seed) + i);
const megabytes = () => process.memoryUsage().rss / 2 ** 20;

/** What the reading of one kind of file came to. */
interface Report {
  readonly kind: string;
  readonly accepted: number[];
  readonly refused: Record<string, number>;
  readonly faults: string[];
  slowestMs: number;
  grownMB: number;
}

async function readAllOf(
  kind: string,
  make: (seed: number) => Uint8Array,
  read: (bytes: Uint8Array) => Promise<unknown>,
): Promise<Report> {
  const report: Report = { kind, accepted: [], refused: {}, faults: [], slowestMs: 0, grownMB: 0 };
  globalThis.gc?.();
  const before = megabytes();
  for (const seed of seeds) {
    const bytes = make(seed);
    const start = performance.now();
    const outcome = await read(bytes).catch((error: Error) => error);
    const milliseconds = performance.now() - start;
    report.slowestMs = Math.max(report.slowestMs, milliseconds);
    report.grownMB = Math.max(report.grownMB, megabytes() - before);
    if (milliseconds > 2000) report.faults.push(`seed ${seed}: ${milliseconds} ms`);
    if (!(outcome instanceof Error)) report.accepted.push(seed);
    else if (outcome.name !== 'AtrousError') report.faults.push(`seed ${seed}: ${outcome.stack}`);
    else {
      const { code } = outcome as Error & { code: string };
      report.refused[code] = (report.refused[code] ?? 0) + 1;
      if (outcome.message.length > 10_000)
        report.faults.push(`seed ${seed}: a message of ${outcome.message.length}`);
    }
  }
  if (report.grownMB > 200) report.faults.push(`${report.grownMB.toFixed(0)} MB`);
  return report;
}

/** Of the files in a folder, by their seeds: those that Python's safetensors refuses, and why. */
function refusedByPython(python: string, accepted: readonly number[]): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'weight-mutations-'));
  for (const seed of accepted) writeFileSync(join(folder, `${seed}.safetensors`), mutateSafetensors(seed));
  const script = fileURLToPath(new URL('weights.py', import.meta.url));
  const { stdout, stderr, status } = spawnSync(python, [script, folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`${python}: ${stderr}`);
  return JSON.parse(stdout);
}

const reports = [
  await readAllOf('safetensors', mutateSafetensors, async (bytes) =>
    readAll(await openCheckpoint(memoryBytes(bytes, 'weights'))),
  ),
  await readAllOf('config', mutateConfig, async (bytes) =>
    parseConfig(new TextDecoder().decode(bytes), 'config.json'),
  ),
];
if (values.python) {
  for (const [seed, why] of Object.entries(refusedByPython(values.python, reports[0].accepted)))
    reports[0].faults.push(`seed ${seed}: accepted, Python's safetensors refuses it: ${why}`);
}
for (const { kind, accepted, refused, faults, slowestMs, grownMB } of reports) {
  const figures = { slowestMs: Number(slowestMs.toFixed(1)), grownMB: Math.round(grownMB) };
  console.log(
    JSON.stringify({ kind, files: seeds.length, accepted: accepted.length, refused, ...figures, faults }),
  );
}
if (reports.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
