// Kills one run of `atrous segment --resume` at random moments, again and again, and compares what comes of it with a run that nobody disturbed.
// node --conditions=@atrous/source scripts/resume_runs.mjs [kills] [pictures] [seed] [model]
import { resolve } from 'node:path';
import { killAndResume } from '../apps/cli/src/test_kills.ts';

const quarter = resolve(import.meta.dirname, '../packages/golden/models/quarter');
const [kills = '20', pictures = '300', seed = '1', model = quarter] = process.argv.slice(2);
const { different, ...figures } = await killAndResume(Number(pictures), Number(kills), model, Number(seed));
console.log(
  JSON.stringify({ pictures: Number(pictures), seed: Number(seed), ...figures, different: different.length }),
);
for (const file of different) console.log(`different: ${file}`);
process.exitCode = different.length > 0 ? 1 : 0;
