// Damages label PNGs, thousands of times by seed, and reads them: each ends in labels or in an AtrousError, soon and in
// little memory. With a Python that has Pillow and NumPy, nothing may be accepted that Pillow refuses, and the pixels
// of what is accepted must be Pillow's.
//
//   node --conditions=@atrous/source scripts/mutations/labels.ts [--count 10000] [--seed 0] [--python python3]
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { decodeLabelPng, maxLabelPixels } from '../../packages/mask/src/png.ts';
import { openPng } from '../../packages/mask/src/png_file.ts';
import { readSamples } from '../../packages/mask/src/png_pixels.ts';
import { writeTestPng } from '../../packages/mask/src/test_png.ts';
import { labelPngs, mutatePng } from '../../packages/mask/src/test_png_mutations.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '0' },
    python: { type: 'string' },
  },
});
const count = Number(values.count);
const firstSeed = Number(values.seed);

interface Outcome {
  readonly seed: number;
  readonly milliseconds: number;
  /** What was said; undefined: accepted. */
  readonly error?: string;
  /** Anything but an AtrousError. */
  readonly isBug: boolean;
  /** SHA-256 of the stored samples, where they could be read. */
  readonly pixels?: string;
}

/** Seed −1 and below: the files as they are. */
const fileOf = (seed: number): Uint8Array =>
  seed < 0 ? writeTestPng(labelPngs[-1 - seed]) : mutatePng(labelPngs[seed % labelPngs.length], seed);

function read(seed: number, bytes: Uint8Array): Outcome {
  const began = performance.now();
  try {
    decodeLabelPng(bytes, `seed ${seed}`);
  } catch (error) {
    const { name, message } = error as Error;
    const milliseconds = performance.now() - began;
    return { seed, milliseconds, error: message, isBug: name !== 'AtrousError' };
  }
  const milliseconds = performance.now() - began;
  const samples = readSamples(openPng(bytes, '', maxLabelPixels), '');
  const pixels = createHash('sha256').update(new Uint8Array(samples.buffer)).digest('hex');
  return { seed, milliseconds, isBug: false, pixels };
}

/** What Pillow makes of the files of a folder: the hash of their samples, or null where it refuses. */
function pillow(python: string, folder: string): Record<string, string | null> {
  const script = fileURLToPath(new URL('labels.py', import.meta.url));
  const { stdout, stderr, status } = spawnSync(python, [script, folder], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${python}: ${stderr}`);
  return JSON.parse(stdout);
}

const seeds = [...labelPngs.map((_, i) => -1 - i), ...Array.from({ length: count }, (_, i) => firstSeed + i)];
const folder = mkdtempSync(join(tmpdir(), 'label-mutations-'));
const outcomes = seeds.map((seed) => {
  const bytes = fileOf(seed);
  if (values.python) writeFileSync(join(folder, `${seed}.png`), bytes);
  return read(seed, bytes);
});
const theirs = values.python ? pillow(values.python, folder) : undefined;
rmSync(folder, { recursive: true });

const accepted = outcomes.filter(({ error }) => error === undefined);
const bugs = outcomes.filter(({ isBug }) => isBug);
const sound = outcomes.filter(({ seed, error }) => seed < 0 && error !== undefined);
const report: Record<string, unknown> = {
  files: outcomes.length,
  accepted: accepted.length,
  'other errors than AtrousError': bugs.length,
  'sound files refused': sound.length,
  'longest, ms': Math.max(...outcomes.map(({ milliseconds }) => milliseconds)).toFixed(1),
  'memory of the whole run, MB': Math.round(process.resourceUsage().maxRSS / 1024),
};
let failures = [...bugs, ...sound];
if (theirs) {
  const refusedByPillow = accepted.filter(({ seed }) => theirs[seed] === null);
  const otherPixels = accepted.filter(({ seed, pixels }) => theirs[seed] !== null && theirs[seed] !== pixels);
  report['accepted by Pillow'] = Object.values(theirs).filter((hash) => hash !== null).length;
  report['accepted, refused by Pillow'] = refusedByPillow.length;
  report['accepted with other pixels than Pillow'] = otherPixels.length;
  failures = [...failures, ...refusedByPillow, ...otherPixels];
}
console.log(JSON.stringify(report, null, 2));
for (const { seed, error } of failures.slice(0, 20)) console.log(`seed ${seed}: ${error ?? 'accepted'}`);
process.exitCode = failures.length > 0 ? 1 : 0;
