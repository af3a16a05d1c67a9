// Reads damaged JPEG, PNG and WebP files, 10,000 of each. Every one has to end in pixels or in an AtrousError, within
// 2 s and 200 MB:
//   node --conditions=@atrous/source scripts/mutations/pictures.ts [COUNT] [FIRST SEED]
import { decodePicture } from '../../packages/segmenter/src/decode_node.ts';
import { channelsOf } from '../../packages/segmenter/src/pixels.ts';
import {
  type DamagedFormat,
  damagedFormats,
  mutatePicture,
  soundPictures,
} from '../../packages/segmenter/src/test_picture_mutations.ts';

const [count = 10_000, firstSeed = 0] = process.argv.slice(2).map(Number);
/** Of the whole process, at its most. */
const megabytes = () => process.resourceUsage().maxRSS / 1024;

async function damage(format: DamagedFormat) {
  const sound = await soundPictures(format);
  for (const bytes of sound) await decodePicture(bytes, 'sound');
  const before = megabytes();
  const outcomes: Record<string, number> = {};
  const faults: string[] = [];
  let slowest = 0;
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const bytes = mutatePicture(sound[seed % sound.length], format, seed);
    const most = megabytes();
    const start = performance.now();
    const outcome = await decodePicture(bytes, `seed ${seed}`).then(channelsOf, (error: Error) => error);
    const milliseconds = performance.now() - start;
    slowest = Math.max(slowest, milliseconds);
    if (milliseconds > 2000) faults.push(`seed ${seed}: ${milliseconds.toFixed(0)} ms`);
    if (megabytes() - most > 200) faults.push(`seed ${seed}: ${(megabytes() - most).toFixed(0)} MB`);
    const isFault = outcome instanceof Error && outcome.name !== 'AtrousError';
    if (isFault) faults.push(`seed ${seed}: ${outcome.stack}`);
    const kind = isFault ? 'fault' : outcome instanceof Error ? 'refused' : 'read';
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
  }
  return {
    format,
    files: count,
    ...outcomes,
    slowestMs: Number(slowest.toFixed(1)),
    grownMB: Math.round(megabytes() - before),
    faults,
  };
}

for (const format of damagedFormats) {
  const report = await damage(format);
  console.log(JSON.stringify(report));
  if (report.faults.length > 0 || report.grownMB > 200) process.exitCode = 1;
}
