// The tables in the model packages' cards, written from their config.json; with --check, only compared.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const percent = (share) => (share === undefined ? '' : `${(share * 100).toFixed(1)} %`);

function facts({ architecture, data, labels, licence, scores, training, weights }) {
  const { val, test, external, testFloat16 } = scores;
  const megabytes = ({ dtype, bytes }) => `${(bytes / 1e6).toFixed(1)} MB in ${dtype}`;
  const rows = labels.map(
    ({ name }) => `| ${name} | ${percent(val.iou[name])} | ${percent(test.iou[name])} |`,
  );
  return [
    `- **Network**: DeepLabV3+ on Xception-41 × ${architecture.widthMultiplier}, output stride ${architecture.outputStride}, ${weights.parameters.toLocaleString('en')} parameters; ${weights.files.map(megabytes).join(', ')}`,
    `- **Data**: ${data}`,
    `- **Rights**: ${licence}`,
    `- **Recipe**: ${training.optimizer}, ${training.steps} steps of ${training.batch} crops of ${training.crop.join('×')}, ${training.start}; ${training.machine}`,
    '',
    `| IoU | validation (${val.pictures} pictures) | test (${test.pictures} pictures) |`,
    '| --- | --- | --- |',
    ...rows,
    ...(val.personIou
      ? [`| person (all but background) | ${percent(val.personIou)} | ${percent(test.personIou)} |`]
      : []),
    `| **mean** | **${percent(val.miou)}** | **${percent(test.miou)}** |`,
    `| pixel accuracy | ${percent(val.accuracy)} | ${percent(test.accuracy)} |`,
    '',
    `In half precision the test gives a mean IoU of ${percent(testFloat16.miou)}.`,
    ...(external
      ? [
          `On ${external.pictures} pictures of another kind (${external.data}) the person IoU is ${percent(external.personIou)}.`,
        ]
      : []),
  ].join('\n');
}

for (const name of ['people', 'street']) {
  const folder = join(root, 'packages', `model-${name}`);
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'));
  const path = join(folder, 'README.md');
  const card = readFileSync(path, 'utf8');
  const written = card.replace(
    /(<!-- facts -->\n)[\s\S]*?(\n?<!-- end -->)/,
    (_all, begin) => `${begin}${facts(config)}\n<!-- end -->`,
  );
  if (written === card) continue;
  if (process.argv.includes('--check')) {
    console.log(`${path} is not what config.json says: run node scripts/model_cards.mjs`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, written);
  }
}
