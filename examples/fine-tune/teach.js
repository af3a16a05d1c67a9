// node teach.js PICTURES LABELS OUTPUT [EPOCHS]: labels are PNGs of the pictures' names, whose pixels are 0 or 1, or 255 to be ignored
import { argv } from 'node:process';
import { pairFolders, readLabels } from '@atrous/dataset/node';
import { finetune } from '@atrous/runtime-tfjs/train';
import { tfjsWasm } from '@atrous/runtime-tfjs/wasm';
import { wasm } from '@atrous/runtime-wasm';
import { prepare, readPicture } from '@atrous/segmenter';
import { folderSink, loadModel, saveModel } from '@atrous/zoo';

const [pictures, labels, output, epochs = '40'] = argv.slice(2);
if (!output) throw new Error('usage: node teach.js PICTURES LABELS OUTPUT');
const classNames = ['ground', 'figure'];

const model = await loadModel('@atrous/model-people-small');
const { weights, scores, training, ...config } = model.config;

const examples = [];
for (const pair of await pairFolders(pictures, labels)) {
  const image = prepare(await readPicture(pair.picture), config.preprocess);
  examples.push({ name: pair.picture, image, labels: await readLabels(pair) });
}

const learned = await finetune(model, {
  runtime: tfjsWasm(),
  encoderRuntime: wasm(), // what stays frozen runs on our own engine, once per picture
  classes: classNames.length,
  classNames,
  examples,
  epochs: Number(epochs),
  onStep: ({ step, steps, loss }) => console.log(`${step}/${steps} loss ${loss.toFixed(3)}`),
});

const colors = ['#000000', '#ff9a3c'];
await saveModel(folderSink(output), learned.model, {
  ...config,
  name: 'figure',
  architecture: { ...config.architecture, classes: classNames.length },
  labels: classNames.map((name, id) => ({ id, name, color: colors[id] })),
});
console.log(`Segmenter.load('${output}') has it now`);
