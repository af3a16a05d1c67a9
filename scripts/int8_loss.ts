// What computing in 8 bits costs a model that ships: mean IoU and labels beside float32, on the same weights, our engine and
// the same labelled pictures. Writes config.json (`compute.int8`, which `compute: 'auto'` and the studio read) and
// card/int8.json, from which scripts/model_cards.mjs writes the card.
//
//   node --conditions=@atrous/source scripts/int8_loss.ts street --images data/street/test --labels data/street/labels
//
// A model may be computed in 8 bits by `auto` where it loses at most 0.3 of mean IoU and 99 % of labels stay.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addCounts, countPicture, type Mapping, ownTable } from '../packages/dataset/src/index.ts';
import { pairFolders, readLabels } from '../packages/dataset/src/node.ts';
import { confusionMatrix, scoresOf } from '../packages/mask/src/index.ts';
import { Segmenter } from '../packages/segmenter/src/node.ts';
import type { ModelConfig } from '../packages/zoo/src/node.ts';
import { withLoss } from './model_cards/int8.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    images: { type: 'string' },
    labels: { type: 'string' },
    threads: { type: 'string', default: '1' },
  },
});
const [name] = positionals;
if (positionals.length !== 1 || !values.images || !values.labels) {
  throw new Error('expected a model and pictures: int8_loss.ts street --images test --labels labels');
}
const folder = fileURLToPath(new URL(`../packages/model-${name}/`, import.meta.url));
const config: ModelConfig = JSON.parse(await readFile(`${folder}config.json`, 'utf8'));

/** Visitors of pages have the browser's file: theirs is what is measured. */
const precision = config.weights.order?.browser?.[0] ?? 'float16';
const computes = ['float32', 'int8'] as const;
const [plain, rounded] = await Promise.all(
  computes.map(async (compute) => {
    const segmenter = await Segmenter.load(folder, {
      runtime: 'wasm',
      threads: Number(values.threads),
      precision,
      compute,
    });
    return { segmenter, matrix: confusionMatrix(segmenter.classes.length) };
  }),
);
const classes = plain.segmenter.classes.map((one) => one.name);
const mapping: Mapping = {
  classes,
  predictions: ownTable(classes.length),
  labels: ownTable(classes.length, config.ignoreId === undefined ? [] : [config.ignoreId]),
};
let [pixels, same, pictures] = [0, 0, 0];
const pairs = await pairFolders(values.images, values.labels);
for (const pair of pairs) {
  const truth = await readLabels(pair);
  const [expected, actual] = [
    (await plain.segmenter.segment(pair.picture)).labels,
    (await rounded.segmenter.segment(pair.picture)).labels,
  ];
  addCounts(plain.matrix, countPicture(expected, truth, mapping, pair.truth));
  addCounts(rounded.matrix, countPicture(actual, truth, mapping, pair.truth));
  for (let i = 0; i < expected.data.length; i++) if (expected.data[i] === actual.data[i]) same++;
  pixels += expected.data.length;
  pictures++;
  if (pictures % 10 === 0) console.error(`${pictures} of ${pairs.length}`);
}
await Promise.all([plain.segmenter.dispose(), rounded.segmenter.dispose()]);

const measured = {
  pictures,
  weights: precision,
  miou: { float32: scoresOf(plain.matrix).miou, int8: scoresOf(rounded.matrix).miou },
  sameLabels: same / pixels,
};
const written = withLoss(config, measured);
await mkdir(`${folder}card`, { recursive: true });
await writeFile(`${folder}card/int8.json`, `${JSON.stringify(measured, null, 2)}\n`);
await writeFile(`${folder}config.json`, `${JSON.stringify(written, null, 1)}\n`);
console.log(name, written.compute);
