// Kills runs of `atrous segment` at random moments and reads what they left: no file under a final name may be broken.
// node --conditions=@atrous/source scripts/kill_runs.mjs [kills] [pictures] [seed]
import { killRuns } from '../apps/cli/src/test_kills.ts';

const [kills = 50, pictures = 100, seed = 1] = process.argv.slice(2).map(Number);
const { broken, ...figures } = await killRuns(pictures, kills, seed);
console.log(JSON.stringify({ pictures, seed, ...figures, broken: broken.length }));
for (const file of broken) console.log(`broken: ${file}`);
process.exitCode = broken.length > 0 ? 1 : 0;
