// Fills a model's package with what a training exported: its weights in the precisions that ship, and config.json.
//
//   node --conditions=@atrous/source scripts/model_package.ts runs/people packages/model-people --browser int8 --node float16
//
// Each platform takes the precisions named for it, the first that is there; what neither names is not written.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeModel, folderSink, loadModel, type Precision, saveModel } from '../packages/zoo/src/node.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { browser: { type: 'string', default: 'int8' }, node: { type: 'string', default: 'float16' } },
});
const [from, to] = positionals;
if (positionals.length !== 2) {
  throw new Error(
    'expected an exported folder and a package: model_package.ts runs/people packages/model-people',
  );
}
const precisionsOf = (text: string) => text.split(',') as Precision[];
const order = { browser: precisionsOf(values.browser), node: precisionsOf(values.node) };

const model = await loadModel(from, { precision: 'float32' });
for (const name of await readdir(to)) if (name.endsWith('.safetensors')) await rm(join(to, name));
const { weights, ...config } = await saveModel(
  folderSink(to),
  model,
  await describeModel(model, from),
  [...new Set(Object.values(order).flat())],
  { order, onWarning: ({ message }) => console.warn(message) },
);
for (const { file, bytes } of weights.files)
  console.log(`${config.name}: ${file}, ${(bytes / 1e6).toFixed(1)} MB`);
